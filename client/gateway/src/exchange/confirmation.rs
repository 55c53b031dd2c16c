//! Tokens that are bound to a key are exchanged for who has it (RFC 7800): one that was stolen is worth nothing here either.

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::token::Jwk;
use serde_json::Value;

/// The keys that the client proved to have with this request.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProvenKeys {
    /// SHA-256 thumbprints of JSON Web Keys (RFC 7638): of the key that signed its assertion, or a DPoP proof.
    pub thumbprints: Vec<[u8; 32]>,
    /// SHA-256 of the certificates that it showed in the TLS handshake (RFC 8705, section 3.1).
    pub certificates: Vec<[u8; 32]>,
}

impl ProvenKeys {
    /// Whether what a token's `cnf` names is all proven. What is not known here proves nothing.
    pub(super) fn fulfil(&self, confirmation: &Value) -> bool {
        let Some(members) = confirmation.as_object() else { return false };
        let is_proven = |(name, value): (&String, &Value)| match name.as_str() {
            "jkt" => digest(value).is_some_and(|digest| self.thumbprints.contains(&digest)),
            "x5t#S256" => digest(value).is_some_and(|digest| self.certificates.contains(&digest)),
            "jwk" => Jwk::from_json(&value.to_string()).is_ok_and(|key| self.thumbprints.contains(&key.thumbprint())),
            _ => false,
        };
        !members.is_empty() && members.iter().all(is_proven)
    }
}

fn digest(value: &Value) -> Option<[u8; 32]> {
    BASE64URL_NOPAD.decode(value.as_str()?.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use marque_sdk::{Account, Seed, Signer};
    use serde_json::json;

    use super::*;

    #[test]
    fn all_that_a_token_is_bound_to_must_be_proven() {
        let key = Jwk::from_public_key(&Account::ed25519(&Seed::from_bytes(&[1; 32].into())).public_key()).unwrap();
        let proven = ProvenKeys { thumbprints: vec![[9; 32], key.thumbprint()], certificates: vec![[3; 32]] };
        let encoded = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let (thumbprint, certificate) = (encoded(&key.thumbprint()), encoded(&[3; 32]));
        for confirmation in [
            json!({ "jkt": thumbprint }),
            json!({ "jwk": key.to_json() }),
            json!({ "x5t#S256": certificate }),
            json!({ "jkt": thumbprint, "x5t#S256": certificate }),
        ] {
            assert!(proven.fulfil(&confirmation), "{confirmation}");
            assert!(!ProvenKeys::default().fulfil(&confirmation), "{confirmation}");
        }
        for confirmation in [
            json!({}),
            json!(null),
            json!([thumbprint]),
            json!({ "jkt": certificate }),
            json!({ "x5t#S256": thumbprint }),
            json!({ "jkt": encoded(&[4; 32]) }),
            json!({ "jkt": encoded(&[9; 31]) }),
            json!({ "jkt": format!("{thumbprint}=") }),
            json!({ "jkt": 7 }),
            json!({ "jwk": { "kty": "OKP" } }),
            json!({ "jkt": thumbprint, "x5t#S256": encoded(&[4; 32]) }),
            json!({ "jkt": thumbprint, "kid": "1" }),
        ] {
            assert!(!proven.fulfil(&confirmation), "{confirmation}");
        }
    }
}
