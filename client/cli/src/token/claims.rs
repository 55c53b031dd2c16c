//! What a token says, as words and as JSON.

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    did,
    token::{Claims, Confirmation, Jwk},
};
use serde_json::{Value, json};

/// Claims for programs, by their names in a JWT.
pub fn json(claims: &Claims) -> Value {
    json!({
        "iss": claims.issuer,
        "sub": claims.subject.to_text(),
        "aud": claims.audience,
        "exp": claims.expires_s,
        "iat": claims.issued_s,
        "nbf": claims.not_before_s,
        "jti": claims.token_id,
        "client_id": claims.client_id,
        "scope": claims.scopes.join(" "),
        "epoch": claims.epoch,
        "cnf": claims.confirmation.as_ref().map(confirmation_json),
    })
}

fn confirmation_json(confirmation: &Confirmation) -> Value {
    match confirmation {
        Confirmation::Key(key) => json!({"jwk": Jwk::from_public_key(key).ok().map(|jwk| jwk.to_json())}),
        Confirmation::Thumbprint(thumbprint) => json!({"jkt": BASE64URL_NOPAD.encode(thumbprint)}),
    }
}

/// Claims for people.
pub fn fields(claims: &Claims) -> Vec<(&'static str, String)> {
    let time = |secs: u64| did::format_time(secs.saturating_mul(1000));
    let mut fields = vec![
        ("issuer", claims.issuer.clone()),
        ("subject", claims.subject.to_text()),
        ("audience", claims.audience.join(", ")),
        ("scopes", claims.scopes.join(", ")),
        ("issued", time(claims.issued_s)),
        ("expires", time(claims.expires_s)),
    ];
    fields.extend(claims.not_before_s.map(|secs| ("not before", time(secs))));
    fields.extend([
        ("jti", claims.token_id.clone()),
        ("client", claims.client_id.clone()),
        ("epoch", claims.epoch.to_string()),
        ("bound to", claims.confirmation.as_ref().map_or_else(|| "no key".into(), bound_to)),
    ]);
    fields
}

fn bound_to(confirmation: &Confirmation) -> String {
    match confirmation {
        Confirmation::Key(key) => did::encode_multikey(key),
        Confirmation::Thumbprint(thumbprint) => {
            format!("the key with thumbprint {}", BASE64URL_NOPAD.encode(thumbprint))
        }
    }
}
