//! What the commands on authorization servers take.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use marque_sdk::{
    At,
    primitives::{
        PublicKey,
        access::{self, IssuerId, IssuerRole, NewIssuerKey, Right, Sensitivity},
        bounds,
    },
};

use crate::{
    duration::{self, When},
    failure::{Failure, Kind, Outcome},
    render::parse_public_key,
    session::Session,
    shown,
};

/// Who acts.
#[derive(clap::Args, Clone, Debug)]
pub struct Acting {
    /// Who acts and pays: the name of a key in the keystore, or //Alice on a development chain [default: the owner's key, if it is in the keystore]
    #[arg(long = "as", env = "MARQUE_ACCOUNT", hide_env_values = true, value_name = "ACCOUNT")]
    pub actor: Option<String>,
}

/// An authorization server that is to be changed, and who acts.
#[derive(clap::Args, Clone, Debug)]
pub struct Subject {
    /// The authorization server's number
    #[arg(value_name = "ISSUER")]
    pub issuer: IssuerId,
    #[command(flatten)]
    pub acting: Acting,
}

/// The authorization server that something is of.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct OfIssuer {
    /// The authorization server's number
    #[arg(long, env = "MARQUE_ISSUER", hide_env_values = true, value_name = "NUMBER")]
    pub issuer: IssuerId,
}

/// The authorization server that something is changed of, and who acts.
#[derive(clap::Args, Clone, Debug)]
pub struct By {
    #[command(flatten)]
    pub of: OfIssuer,
    #[command(flatten)]
    pub acting: Acting,
}

/// A signing key, and when it signs.
#[derive(clap::Args, Clone, Debug)]
pub struct KeyArgs {
    /// The name of a key in the keystore: see `marque issuer new-key`
    #[arg(long, value_name = "NAME", conflicts_with = "public_key")]
    pub key: Option<String>,
    /// A key that is kept elsewhere, in multibase form: z6Mk… (Ed25519) or z6QN… (Sr25519)
    #[arg(long, value_name = "KEY", value_parser = parse_public_key)]
    pub public_key: Option<PublicKey>,
    /// From when on it signs: so long from now, or a time such as 2027-01-01T00:00:00Z [default: now]
    #[arg(long, value_name = "WHEN", value_parser = duration::parse_when)]
    from: Option<When>,
    /// Until when it signs: for how long, or a time; 732d in all at most
    #[arg(long, value_name = "WHEN", value_parser = duration::parse_when, default_value = "90d")]
    until: When,
}

impl KeyArgs {
    /// The key; `None` if none is given.
    ///
    /// # Errors
    /// When the keystore does not have it, it is not of a type that signs tokens, or the chain can't be read.
    pub async fn new_key(&self, session: &Session) -> Outcome<Option<NewIssuerKey>> {
        let public_key = match (&self.key, self.public_key) {
            (Some(name), _) => keystore_key(session, name)?,
            (None, Some(public_key)) => public_key,
            (None, None) => return Ok(None),
        };
        let signs = matches!(public_key, PublicKey::Ed25519(_) | PublicKey::Sr25519(_));
        if !signs || public_key.validate().is_err() {
            return Err(Failure::usage("that key can't sign tokens: it must be a good one of Ed25519 or Sr25519"));
        }
        let chain = session.chain();
        let not_before_ms = match self.from {
            // The chain's own time, in whole seconds as tokens have it: what is issued at once is within the window.
            None => chain.time_ms(At::Best).await? / 1000 * 1000,
            Some(from) => from.resolve(chain, bounds::ISSUER_KEY_AHEAD_MAX_MS).await?,
        };
        let not_after_ms = match self.until {
            When::In(ms) => not_before_ms.saturating_add(ms),
            When::At(at_ms) => at_ms,
        };
        Ok(Some(NewIssuerKey { public_key, not_before_ms, not_after_ms }))
    }

    /// The key.
    ///
    /// # Errors
    /// Those of [`new_key`](Self::new_key), and when none is given.
    pub async fn required_key(&self, session: &Session) -> Outcome<NewIssuerKey> {
        self.new_key(session).await?.ok_or_else(|| {
            Failure::usage(
                "which key? Give one of the keystore with --key, or one that is kept elsewhere with --public-key",
            )
            .hint("`marque issuer new-key <name>` makes one")
        })
    }
}

fn keystore_key(session: &Session, name: &str) -> Outcome<PublicKey> {
    let info = session.keys.find(name)?.ok_or_else(|| no_key(name))?;
    Ok(info.public_key)
}

/// The failure of a signing key that the keystore does not have.
pub fn no_key(name: &str) -> Failure {
    Failure::new(Kind::NotFound, format!("there is no key named `{}` in the keystore", shown::value(name)))
        .hint("`marque issuer new-key <name>` makes one")
}

/// What is granted.
#[derive(clap::Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct RightArgs {
    /// A scope
    #[arg(long, value_name = "SCOPE", value_parser = scope_name)]
    scope: Option<String>,
    /// The scopes of a role, as they are when a token is asked for
    #[arg(long, value_name = "ROLE", value_parser = role_name)]
    role: Option<String>,
}

impl RightArgs {
    /// The right.
    ///
    /// # Errors
    /// When there is none, which the parser does not let through.
    pub fn right(self) -> Outcome<Right> {
        match (self.scope, self.role) {
            (Some(scope), _) => Ok(Right::Scope(scope)),
            (None, Some(role)) => Ok(Right::Role(role)),
            (None, None) => Err(Failure::usage("what is it about? Say it with --scope or --role")),
        }
    }
}

/// What a delegate may do.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub enum RoleName {
    /// Grants and withdraws rights, and revokes tokens
    Operator,
    /// Adds, rotates and revokes signing keys
    KeyManager,
}

impl From<RoleName> for IssuerRole {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Operator => Self::Operator,
            RoleName::KeyManager => Self::KeyManager,
        }
    }
}

/// Reads a sensitivity.
pub fn sensitivity() -> impl TypedValueParser<Value = Sensitivity> {
    PossibleValuesParser::new(["low", "medium", "high"]).map(|name| match &*name {
        "low" => Sensitivity::Low,
        "medium" => Sensitivity::Medium,
        _ => Sensitivity::High,
    })
}

/// Reads a scope's name.
///
/// # Errors
/// A message for the user.
pub fn scope_name(text: &str) -> Result<String, String> {
    named(
        text,
        access::is_scope_name,
        "a scope is named resource:action, such as meter:read, in a-z 0-9 - _ . and at most 64 bytes, and never for everything",
    )
}

/// Reads a role's name.
///
/// # Errors
/// A message for the user.
pub fn role_name(text: &str) -> Result<String, String> {
    named(
        text,
        access::is_role_name,
        "a role is named in a-z 0-9 - _ . and at most 32 bytes, such as reader, and never for everything",
    )
}

/// Reads an issuer's URL.
///
/// # Errors
/// A message for the user.
pub fn issuer_url(text: &str) -> Result<String, String> {
    named(
        text,
        access::is_issuer_url,
        "an issuer URL is https://, without user, query and fragment, and at most 128 bytes; http:// is for localhost alone",
    )
}

/// Reads an audience.
///
/// # Errors
/// A message for the user.
pub fn audience(text: &str) -> Result<String, String> {
    named(text, access::is_audience, "an audience is 1 to 128 characters of a URI, such as https://grid.example")
}

/// Reads a client's id.
///
/// # Errors
/// A message for the user.
pub fn client_id(text: &str) -> Result<String, String> {
    named(text, access::is_client_id, "a client id is 1 to 128 characters of a URI")
}

/// Reads a token's id.
///
/// # Errors
/// A message for the user.
pub fn token_id(text: &str) -> Result<String, String> {
    named(text, access::is_token_id, "a token's id is 1 to 64 of A-Z a-z 0-9 - . _ ~")
}

fn named(text: &str, is_name: fn(&str) -> bool, expected: &str) -> Result<String, String> {
    if is_name(text) { Ok(text.to_owned()) } else { Err(expected.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_before_anything_is_paid() {
        assert_eq!(scope_name("meter:read").as_deref(), Ok("meter:read"));
        for text in ["", "meter", "meter:", "meter:*", "meter:all", "Meter:read", &format!("meter:{}", "a".repeat(64))]
        {
            assert!(scope_name(text).is_err(), "{text:?} was taken");
        }
        for text in ["", "admin", "a b", &"a".repeat(33)] {
            assert!(role_name(text).is_err(), "{text:?} was taken");
        }
        for text in ["", "as.example", "http://as.example", "https://user@as.example", "https://as.example?x"] {
            assert!(issuer_url(text).is_err(), "{text:?} was taken");
        }
    }
}
