//! Sets of published keys (RFC 7517, section 5).

use serde_json::{Map, Value, json};

use super::{Algorithm, Jwk, JwkError, VerificationKey, json, jwk::JWK_BYTES_MAX, jwt::is_key_id};

/// The most keys that a set may have.
const KEYS_MAX: usize = 64;

/// A key of a set, with its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublishedKey {
    /// `kid`.
    pub key_id: String,
    /// The key.
    pub key: VerificationKey,
}

/// The keys that an authorization server publishes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<PublishedKey>,
}

impl JwkSet {
    /// Reads a set. Keys of unknown types, for other uses, out of range or without a `kid` are left out, as the standard
    /// has it: an authorization server may have keys for others.
    ///
    /// # Errors
    /// [`JwkError::NotJson`] when it is no set, longer than 64 KiB, or has more than 64 keys; [`JwkError::Private`] when a private key is in it;
    /// [`JwkError::InvalidKey`] when two of its keys have the same `kid`.
    pub fn from_json(json: &str) -> Result<Self, JwkError> {
        if json.len() > JWK_BYTES_MAX {
            return Err(JwkError::NotJson);
        }
        let members = json::read_object(json.as_bytes()).ok_or(JwkError::NotJson)?;
        let published = members.get("keys").and_then(Value::as_array).filter(|keys| keys.len() <= KEYS_MAX);
        let mut keys: Vec<PublishedKey> = Vec::new();
        for key in published.ok_or(JwkError::NotJson)? {
            match read_key(key.as_object().ok_or(JwkError::NotJson)?) {
                Ok(Some(key)) if keys.iter().any(|other| other.key_id == key.key_id) => {
                    return Err(JwkError::InvalidKey);
                }
                Ok(Some(key)) => keys.push(key),
                Err(JwkError::Private) => return Err(JwkError::Private),
                Ok(None) | Err(_) => {}
            }
        }
        Ok(Self { keys })
    }

    /// The set as JSON.
    pub fn to_json(&self) -> Value {
        json!({ "keys": self.keys.iter().map(write_key).collect::<Vec<_>>() })
    }

    /// The key of this name.
    pub fn key(&self, key_id: &str) -> Option<&VerificationKey> {
        self.keys.iter().find(|key| key.key_id == key_id).map(|key| &key.key)
    }
}

/// `None` for a key without a name.
fn read_key(members: &Map<String, Value>) -> Result<Option<PublishedKey>, JwkError> {
    let key = VerificationKey::new(Jwk::read(members)?)?;
    let says = |name: &str, is_so: &dyn Fn(&Value) -> bool| members.get(name).is_none_or(is_so);
    let is_for_tokens = says("use", &|value| value == "sig")
        && says("key_ops", &|value| value.as_array().is_some_and(|all| all.iter().any(|one| one == "verify")))
        && says("alg", &|value| value.as_str().and_then(Algorithm::from_name) == Some(key.algorithm()));
    if !is_for_tokens {
        return Err(JwkError::OtherUse);
    }
    let key_id = members.get("kid").and_then(Value::as_str).filter(|key_id| is_key_id(key_id));
    Ok(key_id.map(|key_id| PublishedKey { key_id: key_id.to_owned(), key }))
}

fn write_key(published: &PublishedKey) -> Value {
    let mut members = published.key.jwk().to_json();
    members["alg"] = published.key.algorithm().name().into();
    members["kid"] = published.key_id.as_str().into();
    members["use"] = "sig".into();
    members
}
