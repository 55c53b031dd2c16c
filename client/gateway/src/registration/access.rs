//! Who may register clients, and who may change a registration: whoever shows the access token for it (RFC 7591, section 3; RFC 7592,
//! section 2).
//!
//! An initial access token is made by an operator, for some devices and for some registrations. Whoever has it can get, through a client of
//! its own, whatever those devices may have: it is not to be given out for more than is needed.

use std::{collections::BTreeSet, fmt};

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    did::Did,
    primitives::{RegistryId, TimestampMs},
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{RegistrationError, members::refused};
use crate::{MasterKey, Random, client::generate_secret};

/// The longest life of an initial access token, in milliseconds: 30 days.
const LIFETIME_MAX_MS: u64 = 30 * 24 * 60 * 60 * 1000;
const REGISTRATIONS_MAX: u32 = 10_000;
const DEVICES_MAX: usize = 1024;
const NAME_CHARS_MAX: usize = 100;
/// The longest access token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 256;

/// An access token that a client shows in the header `Authorization`. It is not shown.
pub struct BearerToken(Zeroizing<String>);

impl BearerToken {
    /// Reads the header (RFC 6750, section 2.1).
    ///
    /// # Errors
    /// [`RegistrationError::InvalidToken`] where there is none, or it is of another scheme or form.
    pub fn read(authorization: Option<&str>) -> Result<Self, RegistrationError> {
        let (scheme, token) =
            authorization.and_then(|header| header.split_once(' ')).ok_or(RegistrationError::InvalidToken)?;
        let is_token =
            (1..=TOKEN_BYTES_MAX).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
        if scheme.eq_ignore_ascii_case("Bearer") && is_token {
            Ok(Self(Zeroizing::new(token.to_owned())))
        } else {
            Err(RegistrationError::InvalidToken)
        }
    }

    /// The id of the initial access token that it says it is, to find that by.
    pub fn initial_access_id(&self) -> Option<&str> {
        self.0.split_once('.').map(|(id, _)| id)
    }

    /// The token itself, for the answer to who has it.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Whether this is the registration access token of the client of this id, of which this is kept. It takes the same time wherever they
    /// differ.
    pub fn is_of_client(&self, client_id: &str, kept: &[u8; 32], key: &MasterKey) -> bool {
        registration_mac(client_id, &self.0, key).is_some_and(|mac| mac.ct_eq(kept).into())
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BearerToken(..)")
    }
}

/// What is kept of a client's registration access token.
pub(super) fn registration_mac(client_id: &str, token: &str, key: &MasterKey) -> Option<[u8; 32]> {
    // No client's id has a space: this is never what is kept of a secret.
    key.mac(&format!("registration {client_id}"), token)
}

/// For which devices clients may be registered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Devices {
    /// Every device of the registry: whoever has the token can get whatever any of them may have.
    Every,
    /// These, by their DIDs: 1 to 1024.
    These(BTreeSet<String>),
}

/// What an operator says of an initial access token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InitialAccessTerms {
    /// What it is for: 1 to 100 printable characters.
    pub name: String,
    /// For which devices clients may be registered with it.
    pub devices: Devices,
    /// How many clients may be registered with it: 1 to 10000.
    pub registrations: u32,
    /// How long it lives, in milliseconds: up to 30 days.
    pub lifetime_ms: u64,
}

/// Why an initial access token is not made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitialAccessError {
    /// Its name is empty, too long, or has characters that can't be printed.
    #[error("say in 1 to 100 printable characters what the token is for")]
    InvalidName,
    /// It would be for no device, for too many, or for what is none of the registry.
    #[error("name 1 to 1024 devices of this registry by their DIDs, or every one")]
    InvalidDevices,
    /// It would be for no registration, or for too many.
    #[error("let 1 to 10000 clients be registered with it")]
    InvalidRegistrations,
    /// It would not live, or for too long.
    #[error("an initial access token lives for 30 days at most")]
    InvalidLifetime,
    /// There is no randomness.
    #[error("the system gave no randomness")]
    NoRandomness,
}

/// An initial access token, as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialAccess {
    /// By what it is found: the part of the token before the dot.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What is kept of the token.
    #[serde(with = "crate::base64url")]
    pub mac: [u8; 32],
    /// For which devices clients may be registered with it.
    pub devices: Devices,
    /// How many clients may still be registered with it.
    pub registrations_left: u32,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_ms: TimestampMs,
    /// When it ends.
    pub expires_ms: TimestampMs,
}

impl InitialAccess {
    /// Makes one, and says the token, which is shown this once.
    ///
    /// # Errors
    /// [`InitialAccessError`], in the order of its variants.
    pub fn new(
        terms: &InitialAccessTerms,
        registry: RegistryId,
        now_ms: TimestampMs,
        key: &MasterKey,
        random: &dyn Random,
    ) -> Result<(Self, Zeroizing<String>), InitialAccessError> {
        terms.validate(registry)?;
        let id = new_id(random).ok_or(InitialAccessError::NoRandomness)?;
        let secret = generate_secret(random).ok_or(InitialAccessError::NoRandomness)?;
        let mac = key.mac(&id, &secret).ok_or(InitialAccessError::NoRandomness)?;
        let token = Zeroizing::new(format!("{id}.{}", *secret));
        let access = Self {
            id,
            name: terms.name.clone(),
            mac,
            devices: terms.devices.clone(),
            registrations_left: terms.registrations,
            created_ms: now_ms,
            expires_ms: now_ms.saturating_add(terms.lifetime_ms),
        };
        Ok((access, token))
    }

    /// What is left of it once a client for this device was registered with it. `found` is what is kept under the
    /// [id](BearerToken::initial_access_id) that the token has.
    ///
    /// # Errors
    /// [`RegistrationError::InvalidToken`] where it is unknown, wrong, spent or over; [`RegistrationError::InvalidClientMetadata`] where it is
    /// for other devices.
    pub fn admit(
        found: Option<&Self>,
        shown: &BearerToken,
        device: &Did,
        now_ms: TimestampMs,
        key: &MasterKey,
    ) -> Result<Self, RegistrationError> {
        let access = Self::check(found, shown, now_ms, key)?;
        let is_for = match &access.devices {
            Devices::Every => true,
            Devices::These(devices) => devices.contains(&device.to_string()),
        };
        if !is_for {
            return Err(refused("marque_device is none of those that the initial access token is for"));
        }
        Ok(Self { registrations_left: access.registrations_left.saturating_sub(1), ..access.clone() })
    }

    /// What is kept, if the token is the one of which it is, and a client can be registered with it now.
    ///
    /// # Errors
    /// [`RegistrationError::InvalidToken`].
    pub fn check<'a>(
        found: Option<&'a Self>,
        shown: &BearerToken,
        now_ms: TimestampMs,
        key: &MasterKey,
    ) -> Result<&'a Self, RegistrationError> {
        // What is not there is looked for in the same way as what is.
        let mac = shown.0.split_once('.').and_then(|(id, secret)| key.mac(id, secret));
        let (Some(access), Some(mac)) = (found, mac) else { return Err(RegistrationError::InvalidToken) };
        let is_good = bool::from(access.mac.ct_eq(&mac)) && now_ms < access.expires_ms && access.registrations_left > 0;
        if is_good { Ok(access) } else { Err(RegistrationError::InvalidToken) }
    }
}

impl InitialAccessTerms {
    fn validate(&self, registry: RegistryId) -> Result<(), InitialAccessError> {
        let is_name = (1..=NAME_CHARS_MAX).contains(&self.name.chars().count());
        if !is_name || self.name.chars().any(char::is_control) {
            return Err(InitialAccessError::InvalidName);
        }
        if !self.devices.are_valid(registry) {
            return Err(InitialAccessError::InvalidDevices);
        }
        if !(1..=REGISTRATIONS_MAX).contains(&self.registrations) {
            return Err(InitialAccessError::InvalidRegistrations);
        }
        let is_lifetime = (1..=LIFETIME_MAX_MS).contains(&self.lifetime_ms);
        if is_lifetime { Ok(()) } else { Err(InitialAccessError::InvalidLifetime) }
    }
}

impl Devices {
    fn are_valid(&self, registry: RegistryId) -> bool {
        let is_device = |did: &String| did.parse().is_ok_and(|did: Did| did.registry == registry);
        match self {
            Self::Every => true,
            Self::These(devices) => (1..=DEVICES_MAX).contains(&devices.len()) && devices.iter().all(is_device),
        }
    }
}

impl fmt::Debug for InitialAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "InitialAccess({}, {} left)", self.id, self.registrations_left)
    }
}

fn new_id(random: &dyn Random) -> Option<String> {
    let mut bytes = [0; 12];
    random.fill(&mut bytes).then(|| format!("00I{}", BASE64URL_NOPAD.encode(&bytes)))
}
