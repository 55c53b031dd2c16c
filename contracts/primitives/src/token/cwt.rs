//! Tokens in CBOR: CWT (RFC 8392) in COSE_Sign1 (RFC 9052, section 4.2), in one canonical form.
//!
//! `d2 84 <protected> a0 <payload> <signature>`: COSE's tag, the protected header as bytes, an empty unprotected header, the claims as
//! bytes, 64 bytes of signature. Everything in it is deterministic CBOR (RFC 8949, section 4.2.1) and has one place, so that one
//! token has one form; whatever else is read is no token.

use alloc::{string::String, vec::Vec};

use crate::{
    bounds,
    crypto::{Scheme, Signature},
    did::Did,
    key::PublicKey,
};

use super::{
    Claims, Confirmation, IssuerKeyRef, SignedToken, VerifyError,
    cbor::{Reader, Writer},
};

/// COSE_Sign1 (RFC 9052, section 2).
const SIGN1_TAG: u64 = 18;
/// The context of its Sig_structure (RFC 9052, section 4.4).
const SIGNATURE1: &str = "Signature1";

/// Header parameters (RFC 9052, section 3.1, and RFC 9596).
mod header {
    pub(super) const ALG: i64 = 1;
    pub(super) const KID: i64 = 4;
    pub(super) const TYP: i64 = 16;
    pub(super) const AT_CWT: &str = "at+cwt";
}

/// Algorithms. EdDSA (RFC 9053) is written for Ed25519, as all libraries know it; the fully specified number (RFC 9864) is read too.
mod algorithm {
    pub(super) const EDDSA: i64 = -8;
    pub(super) const ED25519: i64 = -19;
    /// Private use: COSE has no number for it.
    pub(super) const SR25519: i64 = -65537;
}

/// Claims (RFC 8392, section 4, RFC 8747, RFC 9200), and two of private use.
mod claim {
    pub(super) const ISS: i64 = 1;
    pub(super) const SUB: i64 = 2;
    pub(super) const AUD: i64 = 3;
    pub(super) const EXP: i64 = 4;
    pub(super) const NBF: i64 = 5;
    pub(super) const IAT: i64 = 6;
    pub(super) const CTI: i64 = 7;
    pub(super) const CNF: i64 = 8;
    pub(super) const SCOPE: i64 = 9;
    pub(super) const EPOCH: i64 = -65537;
    pub(super) const CLIENT_ID: i64 = -65538;
    /// How many there are besides `nbf` and `cnf`, which may be left out.
    pub(super) const REQUIRED: usize = 9;
}

/// Confirmation methods (RFC 8747, section 3.1); `jkt` is RFC 9449's, which has no number.
mod confirmation {
    pub(super) const COSE_KEY: i64 = 1;
    pub(super) const JKT: &str = "jkt";
}

/// Parameters of keys, their types and curves (RFC 9053, section 7).
mod cose_key {
    pub(super) const KTY: i64 = 1;
    pub(super) const CRV: i64 = -1;
    pub(super) const X: i64 = -2;
    pub(super) const Y: i64 = -3;
    pub(super) const OKP: i64 = 1;
    pub(super) const EC2: i64 = 2;
    pub(super) const P256: i64 = 1;
    pub(super) const ED25519: i64 = 6;
    /// Private use: COSE has no number for it.
    pub(super) const SR25519: i64 = -65537;
}

impl SignedToken {
    /// Reads a CWT. Nothing of it is believed before [`verify`](super::verify).
    ///
    /// # Errors
    /// [`VerifyError::Malformed`] for whatever is not the one form of a token: longer than [`bounds::CWT_BYTES_MAX`], other CBOR,
    /// other headers, unknown, missing or repeated claims, claims that [`Claims::validate`] refuses.
    pub fn from_cwt(bytes: &[u8]) -> Result<Self, VerifyError> {
        if bytes.len() > bounds::CWT_BYTES_MAX {
            return Err(VerifyError::Malformed);
        }
        let token = read_token(bytes).ok_or(VerifyError::Malformed)?;
        token.claims.validate()?;
        Ok(token)
    }
}

/// A CWT that is still to be signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnsignedCwt {
    protected: Vec<u8>,
    payload: Vec<u8>,
}

/// The CWT of these claims, for this key and its scheme to sign.
///
/// # Errors
/// [`VerifyError::Malformed`] where the claims are out of bounds ([`Claims::validate`]), or the token would be longer than
/// [`bounds::CWT_BYTES_MAX`].
pub fn unsigned(claims: &Claims, signed_by: IssuerKeyRef, scheme: Scheme) -> Result<UnsignedCwt, VerifyError> {
    claims.validate()?;
    let cwt = UnsignedCwt { protected: write_header(signed_by, scheme), payload: write_claims(claims) };
    if cwt.finish([0; 64]).len() > bounds::CWT_BYTES_MAX {
        return Err(VerifyError::Malformed);
    }
    Ok(cwt)
}

impl UnsignedCwt {
    /// The bytes to sign, as they are.
    pub fn signed_bytes(&self) -> Vec<u8> {
        write_sig_structure(&self.protected, &self.payload)
    }

    /// The token with its signature.
    pub fn finish(&self, signature: [u8; 64]) -> Vec<u8> {
        let mut token = Writer::new();
        token.tag(SIGN1_TAG);
        token.array(4);
        token.bytes(&self.protected);
        token.map(0);
        token.bytes(&self.payload);
        token.bytes(&signature);
        token.finish()
    }
}

fn read_token(bytes: &[u8]) -> Option<SignedToken> {
    let mut token = Reader::new(bytes);
    expect(token.tag()? == SIGN1_TAG && token.array()? == 4)?;
    let protected = token.bytes()?;
    expect(token.map()? == 0)?;
    let payload = token.bytes()?;
    let signature = token.array_of_bytes()?;
    expect(token.is_at_end())?;
    let (signed_by, scheme) = read_header(protected)?;
    Some(SignedToken {
        signed_by,
        claims: read_claims(payload)?,
        signed_bytes: write_sig_structure(protected, payload),
        signature: match scheme {
            Scheme::Ed25519 => Signature::Ed25519(signature),
            Scheme::Sr25519 => Signature::Sr25519(signature),
        },
    })
}

/// What is signed (RFC 9052, section 4.4).
fn write_sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    // The context, three heads of up to three bytes, and no external data.
    let mut signed =
        Writer::after(Vec::with_capacity(protected.len().saturating_add(payload.len()).saturating_add(24)));
    signed.array(4);
    signed.text(SIGNATURE1);
    signed.bytes(protected);
    signed.bytes(&[]);
    signed.bytes(payload);
    signed.finish()
}

fn read_header(protected: &[u8]) -> Option<(IssuerKeyRef, Scheme)> {
    let mut header = Reader::new(protected);
    expect(header.map()? == 3)?;
    let scheme = match header.after(header::ALG)?.integer()? {
        algorithm::EDDSA | algorithm::ED25519 => Scheme::Ed25519,
        algorithm::SR25519 => Scheme::Sr25519,
        _ => return None,
    };
    let signed_by = IssuerKeyRef::from_text(header.after(header::KID)?.bytes_of_text()?)?;
    expect(header.after(header::TYP)?.text()? == header::AT_CWT && header.is_at_end())?;
    Some((signed_by, scheme))
}

fn write_header(signed_by: IssuerKeyRef, scheme: Scheme) -> Vec<u8> {
    let mut header = Writer::new();
    header.map(3);
    header.integer(header::ALG);
    header.integer(match scheme {
        Scheme::Ed25519 => algorithm::EDDSA,
        Scheme::Sr25519 => algorithm::SR25519,
    });
    header.integer(header::KID);
    header.bytes(signed_by.to_text().as_bytes());
    header.integer(header::TYP);
    header.text(header::AT_CWT);
    header.finish()
}

/// Reads the claims in the order of their keys (RFC 8949, section 4.2.1), which lets none be there twice. They are copied when all
/// of them were read: it is less code to give up before.
fn read_claims(payload: &[u8]) -> Option<Claims> {
    let mut reader = Reader::new(payload);
    let entries = reader.map()?;
    let issuer = reader.after(claim::ISS)?.text()?;
    let subject = Did::from_text(reader.after(claim::SUB)?.text()?)?;
    let (audience, audience_len) = read_audience(reader.after(claim::AUD)?)?;
    let expires_s = reader.after(claim::EXP)?.unsigned()?;
    let not_before_s = match reader.after_if_next(claim::NBF) {
        Some(reader) => Some(reader.unsigned()?),
        None => None,
    };
    let issued_s = reader.after(claim::IAT)?.unsigned()?;
    let token_id = reader.after(claim::CTI)?.bytes_of_text()?;
    let confirmation = match reader.after_if_next(claim::CNF) {
        Some(reader) => Some(read_confirmation(reader)?),
        None => None,
    };
    let scopes = reader.after(claim::SCOPE)?.text()?;
    let epoch = u32::try_from(reader.after(claim::EPOCH)?.unsigned()?).ok()?;
    let client_id = reader.after(claim::CLIENT_ID)?.text()?;
    expect(reader.is_at_end() && entries == count(not_before_s, confirmation) as u64)?;
    Some(Claims {
        issuer: issuer.into(),
        subject,
        audience: audience.into_iter().take(audience_len).map(String::from).collect(),
        expires_s,
        issued_s,
        not_before_s,
        token_id: token_id.into(),
        client_id: client_id.into(),
        scopes: scopes.split(' ').map(String::from).collect(),
        epoch,
        confirmation,
    })
}

fn write_claims(claims: &Claims) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.map(count(claims.not_before_s, claims.confirmation));
    writer.integer(claim::ISS);
    writer.text(&claims.issuer);
    writer.integer(claim::SUB);
    writer.text(&claims.subject.to_text());
    writer.integer(claim::AUD);
    write_audience(&mut writer, &claims.audience);
    writer.integer(claim::EXP);
    writer.unsigned(claims.expires_s);
    if let Some(not_before_s) = claims.not_before_s {
        writer.integer(claim::NBF);
        writer.unsigned(not_before_s);
    }
    writer.integer(claim::IAT);
    writer.unsigned(claims.issued_s);
    writer.integer(claim::CTI);
    writer.bytes(claims.token_id.as_bytes());
    if let Some(confirmation) = &claims.confirmation {
        writer.integer(claim::CNF);
        write_confirmation(&mut writer, confirmation);
    }
    writer.integer(claim::SCOPE);
    writer.text(&claims.scopes.join(" "));
    writer.integer(claim::EPOCH);
    writer.unsigned(claims.epoch.into());
    writer.integer(claim::CLIENT_ID);
    writer.text(&claims.client_id);
    writer.finish()
}

/// How many entries the map of the claims has.
const fn count(not_before_s: Option<u64>, confirmation: Option<Confirmation>) -> usize {
    claim::REQUIRED + not_before_s.is_some() as usize + confirmation.is_some() as usize
}

/// One audience is a text, several are an array. How many there are comes with them.
fn read_audience<'a>(reader: &mut Reader<'a>) -> Option<([&'a str; bounds::AUDIENCES_MAX], usize)> {
    let mut audience = [""; bounds::AUDIENCES_MAX];
    let len = if reader.is_text_next() { 1 } else { usize::try_from(reader.array()?).ok().filter(|len| *len > 1)? };
    for item in audience.get_mut(..len)? {
        *item = reader.text()?;
    }
    Some((audience, len))
}

fn write_audience(writer: &mut Writer, audience: &[String]) {
    if audience.len() > 1 {
        writer.array(audience.len());
    }
    audience.iter().for_each(|item| writer.text(item));
}

fn read_confirmation(reader: &mut Reader) -> Option<Confirmation> {
    expect(reader.map()? == 1)?;
    if reader.is_text_next() {
        expect(reader.text()? == confirmation::JKT)?;
        return reader.array_of_bytes().map(Confirmation::Thumbprint);
    }
    read_key(reader.after(confirmation::COSE_KEY)?).map(Confirmation::Key)
}

fn write_confirmation(writer: &mut Writer, confirmation: &Confirmation) {
    writer.map(1);
    match confirmation {
        Confirmation::Thumbprint(thumbprint) => {
            writer.text(confirmation::JKT);
            writer.bytes(thumbprint);
        }
        Confirmation::Key(key) => {
            writer.integer(confirmation::COSE_KEY);
            write_key(writer, key);
        }
    }
}

/// Reads a COSE_Key: type, curve and public key, and nothing else.
fn read_key(reader: &mut Reader) -> Option<PublicKey> {
    let entries = reader.map()?;
    let key_type = reader.after(cose_key::KTY)?.integer()?;
    let curve = reader.after(cose_key::CRV)?.integer()?;
    let x: [u8; 32] = reader.after(cose_key::X)?.array_of_bytes()?;
    match (entries, key_type, curve) {
        (3, cose_key::OKP, cose_key::ED25519) => Some(PublicKey::Ed25519(x)),
        (3, cose_key::OKP, cose_key::SR25519) => Some(PublicKey::Sr25519(x)),
        (4, cose_key::EC2, cose_key::P256) => {
            let is_odd = reader.after(cose_key::Y)?.boolean()?;
            let mut point = [if is_odd { 3 } else { 2 }; 33];
            point[1..].copy_from_slice(&x);
            Some(PublicKey::P256(point))
        }
        _ => None,
    }
}

fn write_key(writer: &mut Writer, key: &PublicKey) {
    let (key_type, curve, x, sign) = match key {
        PublicKey::Ed25519(x) => (cose_key::OKP, cose_key::ED25519, &x[..], None),
        PublicKey::Sr25519(x) => (cose_key::OKP, cose_key::SR25519, &x[..], None),
        PublicKey::P256([sign, x @ ..]) => (cose_key::EC2, cose_key::P256, &x[..], Some(*sign == 3)),
        // It signs nothing: `Claims::validate` has refused it.
        PublicKey::X25519(_) => return,
    };
    writer.map(if sign.is_some() { 4 } else { 3 });
    writer.integer(cose_key::KTY);
    writer.integer(key_type);
    writer.integer(cose_key::CRV);
    writer.integer(curve);
    writer.integer(cose_key::X);
    writer.bytes(x);
    if let Some(sign) = sign {
        writer.integer(cose_key::Y);
        writer.boolean(sign);
    }
}

fn expect(is_so: bool) -> Option<()> {
    is_so.then_some(())
}
