//! The keys that a client registers (RFC 7591, section 2, `jwks`): public ones, and all of them such that are known here. One that was
//! left out silently would not be noticed before its client can't authenticate.

use data_encoding::BASE64;
use marque_sdk::token::{Jwk, JwkError, JwkSet};
use serde_json::{Value, json};
use x509_parser::{
    certificate::X509Certificate, oid_registry::OID_SIG_ED25519, prelude::FromDer, public_key::PublicKey,
};

use super::{RegistrationError, members::Members, members::refused};

/// The most keys of a client.
const KEYS_MAX: usize = 50;
const MISSING: &str = "this way of authentication needs keys: give a JWK set in jwks";
const PRIVATE: &str =
    "jwks has a private key: whoever it was shown to can sign with it; replace it, and give public ones";
const COUNT: &str = "jwks must be a JWK set of 1 to 50 keys";
const WRONG_KEY: &str =
    "each key of jwks must be Ed25519, P-256 or RSA of 2048 to 4096 bits, to verify signatures, with a kid of its own";
const WRONG_CERTIFICATE: &str = "each key of jwks must have its certificate, and no other, in x5c";

/// A certificate that a client registers, which nobody else need vouch for (RFC 8705, section 2.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisteredCertificate {
    /// The certificate, in DER.
    pub certificate: Vec<u8>,
    /// Its public key.
    pub key: Jwk,
}

/// The keys that a client signs its assertions with.
pub(super) fn read_keys(members: &Members) -> Result<JwkSet, RegistrationError> {
    let (set, count) = raw_keys(members)?;
    match JwkSet::from_json(&set.to_string()) {
        Ok(keys) if keys.keys.len() == count => Ok(keys),
        Err(JwkError::Private) => Err(refused(PRIVATE)),
        _ => Err(refused(WRONG_KEY)),
    }
}

/// The certificates that a client shows in the TLS handshake.
pub(super) fn read_certificates(members: &Members) -> Result<Vec<RegisteredCertificate>, RegistrationError> {
    let (set, _) = raw_keys(members)?;
    let keys = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    keys.map(read_certificate).collect()
}

/// The certificates of a JWK set that was read before.
pub(super) fn certificates_of(set: &Value) -> Vec<RegisteredCertificate> {
    let keys = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    keys.filter_map(|key| read_certificate(key).ok()).collect()
}

/// The certificates as a JWK set.
pub(super) fn write_certificates(certificates: &[RegisteredCertificate]) -> Value {
    let write = |registered: &RegisteredCertificate| {
        let mut members = registered.key.to_json();
        members["x5c"] = json!([BASE64.encode(&registered.certificate)]);
        members
    };
    json!({ "keys": certificates.iter().map(write).collect::<Vec<_>>() })
}

/// The set, and how many keys are in it.
fn raw_keys(members: &Members) -> Result<(&Value, usize), RegistrationError> {
    let set = members.get("jwks").ok_or(refused(MISSING))?;
    let count = set.get("keys").and_then(Value::as_array).map_or(0, Vec::len);
    if (1..=KEYS_MAX).contains(&count) { Ok((set, count)) } else { Err(refused(COUNT)) }
}

fn read_certificate(key: &Value) -> Result<RegisteredCertificate, RegistrationError> {
    let jwk = Jwk::from_json(&key.to_string()).map_err(|error| match error {
        JwkError::Private => refused(PRIVATE),
        _ => refused(WRONG_KEY),
    })?;
    let chain = key.get("x5c").and_then(Value::as_array).map(Vec::as_slice);
    let Some([Value::String(encoded)]) = chain else { return Err(refused(WRONG_CERTIFICATE)) };
    let certificate = BASE64.decode(encoded.as_bytes()).map_err(|_| refused(WRONG_CERTIFICATE))?;
    match X509Certificate::from_der(&certificate) {
        Ok((rest, parsed)) if rest.is_empty() && is_of(&parsed, &jwk) => {
            Ok(RegisteredCertificate { certificate, key: jwk })
        }
        _ => Err(refused(WRONG_CERTIFICATE)),
    }
}

/// Whether the certificate is for this key (RFC 7517, section 4.7).
fn is_of(certificate: &X509Certificate<'_>, key: &Jwk) -> bool {
    let info = certificate.public_key();
    match (key, info.parsed()) {
        (Jwk::Ed25519(bytes), _) => {
            info.algorithm.algorithm == OID_SIG_ED25519 && *info.subject_public_key.data == bytes[..]
        }
        (Jwk::P256(point), Ok(PublicKey::EC(other))) => other.data() == point.uncompressed(),
        (Jwk::Rsa(key), Ok(PublicKey::RSA(other))) => {
            is_number(other.modulus, key.modulus()) && is_number(other.exponent, key.exponent())
        }
        _ => false,
    }
}

/// Whether two big-endian numbers are the same: DER puts a zero before one whose first bit is set.
fn is_number(der: &[u8], number: &[u8]) -> bool {
    der.strip_prefix(&[0]).unwrap_or(der) == number
}
