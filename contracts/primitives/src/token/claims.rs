//! What a token says.

use alloc::{string::String, vec::Vec};

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{access, bounds, did::Did, ids::TimestampMs, key::PublicKey, token::VerifyError};

/// What a token says, whether it is written as a JWT (RFC 9068) or as a CWT (RFC 8392). Times are in whole seconds since the Unix
/// epoch, as both have them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Claims {
    /// `iss`: the issuer's URL.
    pub issuer: String,
    /// `sub`: the device.
    pub subject: Did,
    /// `aud`: whom the token is for, 1 to [`bounds::AUDIENCES_MAX`].
    pub audience: Vec<String>,
    /// `exp`: from this time on it is good no more.
    pub expires_s: u64,
    /// `iat`: when it was issued.
    pub issued_s: u64,
    /// `nbf`: before this time it is not good yet.
    pub not_before_s: Option<u64>,
    /// `jti`, `cti`: its id.
    pub token_id: String,
    /// `client_id`: whom it was issued to.
    pub client_id: String,
    /// `scope`: the names of the scopes, each once, 1 to [`bounds::SCOPES_MAX`].
    pub scopes: Vec<String>,
    /// `epoch`: the device's when it was issued.
    pub epoch: u32,
    /// `cnf`: the key that its bearer must have (RFC 7800, RFC 8747).
    pub confirmation: Option<Confirmation>,
}

/// The key that a token is bound to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Confirmation {
    /// A key of the device: Ed25519, Sr25519 or P-256. `jwk` in a JWT, a COSE key in a CWT.
    Key(PublicKey),
    /// The SHA-256 thumbprint of a JSON Web Key (RFC 7638), `jkt` (RFC 9449).
    Thumbprint([u8; 32]),
}

impl Claims {
    /// Checks the texts, the lists and that the times are in order. Each reader and writer of tokens calls it.
    ///
    /// # Errors
    /// [`VerifyError::Malformed`].
    pub fn validate(&self) -> Result<(), VerifyError> {
        let is_good = access::is_issuer_url(&self.issuer)
            && access::is_token_id(&self.token_id)
            && access::is_client_id(&self.client_id)
            && is_list(&self.audience, bounds::AUDIENCES_MAX, access::is_audience)
            && is_list(&self.scopes, bounds::SCOPES_MAX, access::is_scope_name)
            && self.issued_s < self.expires_s
            && self.not_before_s.is_none_or(|not_before_s| not_before_s < self.expires_s)
            && self.expires_s <= SECONDS_MAX
            && self.confirmation.as_ref().is_none_or(is_confirmation);
        if is_good { Ok(()) } else { Err(VerifyError::Malformed) }
    }

    /// `exp` in milliseconds, as chains count.
    pub const fn expires_ms(&self) -> TimestampMs {
        self.expires_s.saturating_mul(1000)
    }

    /// `iat` in milliseconds.
    pub const fn issued_ms(&self) -> TimestampMs {
        self.issued_s.saturating_mul(1000)
    }
}

/// The last second of the year 9999: what is above is no time.
const SECONDS_MAX: u64 = 253_402_300_799;

/// Whether a key of this type can prove that it is there. Whether the bytes are a usable key is up to who checks the proof.
const fn is_confirmation(confirmation: &Confirmation) -> bool {
    match confirmation {
        Confirmation::Key(PublicKey::X25519(_)) => false,
        Confirmation::Key(PublicKey::P256(point)) => matches!(point[0], 2 | 3),
        Confirmation::Key(_) | Confirmation::Thumbprint(_) => true,
    }
}

fn is_list(list: &[String], len_max: usize, is_item: fn(&str) -> bool) -> bool {
    (1..=len_max).contains(&list.len())
        && list
            .iter()
            .enumerate()
            .all(|(index, item)| is_item(item) && !list.iter().take(index).any(|other| other == item))
}
