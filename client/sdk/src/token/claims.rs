//! Claims as JSON (RFC 9068, RFC 7800).

use marque_primitives::{
    Did, PublicKey,
    token::{Claims, Confirmation},
};
use serde_json::{Map, Value, json};

use super::{
    error::{IssueError, JwtError},
    jwk::{Jwk, decode_bytes, encode_bytes},
};

/// The claims that are read here.
const KNOWN: [&str; 11] = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "epoch", "cnf"];

/// Reads claims. Those that are not known are ignored (RFC 7519, section 4).
pub(super) fn read(members: &Map<String, Value>) -> Result<Claims, JwtError> {
    let claims = Claims {
        issuer: text(members, "iss")?.into(),
        subject: Did::from_text(text(members, "sub")?).ok_or(invalid("sub"))?,
        audience: read_audience(members.get("aud")).ok_or(invalid("aud"))?,
        expires_s: whole(members, "exp")?,
        issued_s: whole(members, "iat")?,
        not_before_s: members.contains_key("nbf").then(|| whole(members, "nbf")).transpose()?,
        token_id: text(members, "jti")?.into(),
        client_id: text(members, "client_id")?.into(),
        scopes: text(members, "scope")?.split(' ').map(str::to_owned).collect(),
        epoch: whole(members, "epoch")?.try_into().map_err(|_| invalid("epoch"))?,
        confirmation: members.get("cnf").map(|cnf| read_confirmation(cnf).ok_or(invalid("cnf"))).transpose()?,
    };
    claims.validate().map_err(|_| JwtError::InvalidClaims)?;
    Ok(claims)
}

/// Writes claims that are within their bounds, and further ones, none of which may take the name of another.
pub(super) fn write(claims: &Claims, more: &Map<String, Value>) -> Result<Value, IssueError> {
    if more.keys().any(|name| KNOWN.contains(&name.as_str())) {
        return Err(IssueError::InvalidClaims);
    }
    claims.validate().map_err(|_| IssueError::InvalidClaims)?;
    let mut members = json!({
        "iss": claims.issuer,
        "sub": claims.subject.to_text(),
        "aud": match &claims.audience[..] {
            [one] => json!(one),
            several => json!(several),
        },
        "exp": claims.expires_s,
        "iat": claims.issued_s,
        "jti": claims.token_id,
        "client_id": claims.client_id,
        "scope": claims.scopes.join(" "),
        "epoch": claims.epoch,
    });
    if let Some(not_before_s) = claims.not_before_s {
        members["nbf"] = json!(not_before_s);
    }
    if let Some(confirmation) = &claims.confirmation {
        members["cnf"] = write_confirmation(confirmation)?;
    }
    for (name, value) in more {
        members[name] = value.clone();
    }
    Ok(members)
}

const fn invalid(name: &'static str) -> JwtError {
    JwtError::InvalidClaim { name }
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, JwtError> {
    members.get(name).and_then(Value::as_str).ok_or(invalid(name))
}

/// A number that is written as an integer: `1.0` and `1e3` are none.
fn whole(members: &Map<String, Value>, name: &'static str) -> Result<u64, JwtError> {
    members.get(name).and_then(Value::as_u64).ok_or(invalid(name))
}

/// A text, or an array of them (RFC 7519, section 4.1.3).
fn read_audience(audience: Option<&Value>) -> Option<Vec<String>> {
    match audience? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(several) => several.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// Exactly one method: two could contradict each other.
fn read_confirmation(confirmation: &Value) -> Option<Confirmation> {
    let members = confirmation.as_object().filter(|members| members.len() == 1)?;
    match members.iter().next()? {
        (name, Value::Object(jwk)) if name == "jwk" => Some(Confirmation::Key(Jwk::read(jwk).ok()?.public_key()?)),
        (name, Value::String(thumbprint)) if name == "jkt" => decode_bytes(thumbprint).map(Confirmation::Thumbprint),
        _ => None,
    }
}

fn write_confirmation(confirmation: &Confirmation) -> Result<Value, IssueError> {
    Ok(match confirmation {
        Confirmation::Key(key) => json!({ "jwk": jwk(key)?.to_json() }),
        Confirmation::Thumbprint(thumbprint) => json!({ "jkt": encode_bytes(thumbprint) }),
    })
}

fn jwk(key: &PublicKey) -> Result<Jwk, IssueError> {
    Jwk::from_public_key(key).map_err(|_| IssueError::InvalidConfirmation)
}
