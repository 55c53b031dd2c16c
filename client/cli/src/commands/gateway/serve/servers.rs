//! Authorization servers that a gateway is started with.

use marque_gateway::{Gateway, operate::By, settings::ServerDocument};
use marque_sdk::{Access, primitives::access::IssuerId, token::Algorithm};

use crate::{
    access::read,
    failure::{Failure, Kind, Outcome},
};

/// An authorization server's name at a gateway, and its number on the chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedIssuer {
    name: String,
    issuer: IssuerId,
}

/// Reads such a pair.
///
/// # Errors
/// A message for the user.
pub fn parse(text: &str) -> Result<NamedIssuer, String> {
    let expected = "expected a name and a number, such as default=0: see marque issuer list";
    let (name, issuer) = text.split_once('=').ok_or(expected)?;
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    match issuer.parse() {
        Ok(issuer) if is_name => Ok(NamedIssuer { name: name.to_owned(), issuer }),
        _ => Err(expected.into()),
    }
}

/// Sets up an authorization server, unless that is done.
///
/// # Errors
/// When it is another one, or not on the chain under a URL of this name, or its key can't be put there.
pub async fn set_up(gateway: &Gateway, by: By<'_>, access: &Access, named: &NamedIssuer) -> Outcome {
    let NamedIssuer { name, issuer } = named;
    if gateway.servers().iter().any(|known| known.name == *name && known.issuer == *issuer) {
        return Ok(());
    }
    let url = read::issuer(access, *issuer).await?.url;
    if !url.ends_with(&format!("/oauth2/{name}")) {
        return Err(Failure::new(
            Kind::Refused,
            format!("the URL of authorization server {issuer}, {url}, does not end in /oauth2/{name}"),
        )
        .hint("that URL stays: give the name that it ends in, or register another authorization server"));
    }
    let server = ServerDocument {
        name: name.clone(),
        issuer: *issuer,
        url,
        default_scopes: Vec::new(),
        requires_dpop: false,
        algorithm: Algorithm::EdDsa,
    };
    gateway.put_server(by, &server).await.map_err(|error| {
        Failure::new(Kind::Refused, format!("the authorization server {name} can't be set up: {error}")).hint(
            "--key names who puts its keys on the chain: its owner, or a delegate (`marque issuer delegate --role key-manager`)",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_a_name_and_a_number() {
        assert_eq!(parse("fleet-2=7"), Ok(NamedIssuer { name: "fleet-2".into(), issuer: 7 }));
        for text in
            ["", "default", "=0", "default=", "default=-1", "Default=0", "a b=0", "default=0=1", "default=4294967296"]
        {
            assert!(parse(text).is_err(), "{text:?} was taken");
        }
    }
}
