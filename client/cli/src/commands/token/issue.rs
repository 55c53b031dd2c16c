//! `marque token issue`

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    At, Chain, Signer, did,
    primitives::{
        Device, Did, KeyId, PublicKey, Relationships, Scheme,
        access::{Entitlements, Issuer, IssuerId, IssuerKey, IssuerStatus},
        bounds,
        token::{Confirmation, IssuerKeyRef},
    },
    token::{Claims, issue_cwt, issue_jwt},
};
use rand::{RngCore, rngs::OsRng};
use serde_json::json;

use crate::{
    access::{
        args::{self, OfIssuer, no_key},
        read,
    },
    act,
    context::Context,
    duration,
    failure::{Failure, Kind, Outcome},
    output,
    render::{self, key_name, parse_key_id},
    session::Session,
    spec::hex0x,
    target::Target,
    token::claims,
};

const EXAMPLES: &str = "\
Examples:
  marque token issue meter-1 --issuer 0 --audience https://grid.example > token.jwt
  marque token issue meter-1 --issuer 0 --audience https://grid.example --scope meter:read --for 1h
  marque token issue car-7 --issuer 0 --audience urn:station:17 --cwt    for contracts, small devices
  marque token issue car-7 --issuer 0 --audience urn:station:17 --hex    as polkadot.js takes it

It is signed with a key of the authorization server that is in the keystore, and bound to the device's key. It never says \
more than what is granted to the device now: `marque grant show` shows that. It is all that is printed on stdout.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The device: its name in the keystore, its id (z6Mk…), or its DID
    #[arg(value_name = "DEVICE")]
    device: String,
    #[command(flatten)]
    of: OfIssuer,
    /// Whom it is for; several times or with commas, at most 4
    #[arg(long = "audience", value_name = "AUDIENCE", required = true, value_delimiter = ',', value_parser = args::audience)]
    audiences: Vec<String>,
    /// What it lets do; several times or with commas, at most 16 [default: all that is granted to the device now]
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', value_parser = args::scope_name)]
    scopes: Vec<String>,
    /// For how long it is good; at most 24h, and no longer than what is granted
    #[arg(long = "for", value_name = "DURATION", value_parser = lifetime, default_value = "10m")]
    lifetime_ms: u64,
    /// The name of the signing key in the keystore [default: the newest one there that signs now]
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// The device's key that it is bound to, such as key-1 [default: its only current key for authentication, or the one in the keystore]
    #[arg(long, value_name = "KEY", value_parser = parse_key_id)]
    bind: Option<KeyId>,
    /// Whom it is issued to [default: the device's DID]
    #[arg(long, value_name = "CLIENT", value_parser = args::client_id)]
    client_id: Option<String>,
    /// A CWT in base64url instead of a JWT
    #[arg(long)]
    cwt: bool,
    /// A CWT in hexadecimal
    #[arg(long, conflicts_with = "cwt")]
    hex: bool,
}

fn lifetime(text: &str) -> Result<u64, String> {
    let ms = duration::parse_ms(text)?;
    if ms <= bounds::TOKEN_LIFETIME_MAX_MS { Ok(ms) } else { Err("a token lives for 24h at most".into()) }
}

/// Issues a token.
///
/// # Errors
/// When the device may not get it, no key of the authorization server is here, or the access contract can't be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (session, access) = context.session_with_access().await?;
    let target = session.target(&args.device)?;
    let number = args.of.issuer;
    let (issuer, may) = read::entitlements(&access, number, target.device).await?;
    let record = session.registry.device(target.device).await?.ok_or_else(|| act::not_registered(&target))?;
    ensure_active(number, &issuer, &target, &record, &may)?;
    let scopes = granted(number, &target, &may, args.scopes)?;
    let times = Times::of(session.chain(), args.lifetime_ms, &may, &scopes).await?;
    let is_jwt = !args.cwt && !args.hex;
    let (key, signer) = signing_key(&session, number, &issuer, args.key.as_deref(), times.issued_s, is_jwt)?;
    let subject = Did { registry: session.registry_id(), device: target.device };
    let claims = Claims {
        issuer: issuer.url,
        subject,
        audience: args.audiences,
        expires_s: times.expires_s,
        issued_s: times.issued_s,
        not_before_s: None,
        token_id: random_id(),
        client_id: args.client_id.unwrap_or_else(|| subject.to_text()),
        scopes,
        epoch: record.epoch,
        confirmation: Some(Confirmation::Key(bound_key(&session, &target, &record, args.bind)?)),
    };
    let signed_by = IssuerKeyRef { issuer: number, key: key.id };
    let token = match (is_jwt, args.hex) {
        (true, _) => issue_jwt(&claims, signed_by, &*signer)?,
        (false, false) => BASE64URL_NOPAD.encode(&issue_cwt(&claims, signed_by, &*signer)?),
        (false, true) => hex0x(&issue_cwt(&claims, signed_by, &*signer)?),
    };
    let expires = did::format_time(claims.expires_ms());
    context.output.note(&output::styled(
        output::DIM,
        format!(
            "for {}, signed by {}: {} until {expires}",
            target.label(),
            signed_by.to_text(),
            claims.scopes.join(", ")
        ),
    ));
    let result = json!({
        "token": token,
        "form": if is_jwt { "jwt" } else { "cwt" },
        "kid": signed_by.to_text(),
        "expires": expires,
        "claims": claims::json(&claims),
    });
    context.output.result(&result, || token.clone())
}

fn refused(message: String) -> Failure {
    Failure::new(Kind::Refused, message)
}

/// What nobody gets a token past.
fn ensure_active(number: IssuerId, issuer: &Issuer, target: &Target, record: &Device, may: &Entitlements) -> Outcome {
    if issuer.status != IssuerStatus::Active {
        return Err(refused(format!("authorization server {number} is deactivated: none of its tokens counts"))
            .hint(format!("its owner makes it active again: `marque issuer reactivate {number}`")));
    }
    if !may.is_active {
        let (device, status) = (target.label(), render::status(record.status));
        return Err(refused(format!("{device} is {status}: it gets no token"))
            .hint(format!("`marque device show {device}` shows how it is")));
    }
    Ok(())
}

/// The scopes that are asked for, all of which must be granted; all that are granted, if none is asked for.
fn granted(number: IssuerId, target: &Target, may: &Entitlements, asked: Vec<String>) -> Outcome<Vec<String>> {
    let names: Vec<&str> = may.scopes.iter().map(|of| of.scope.as_str()).collect();
    let device = target.label();
    if names.is_empty() {
        return Err(refused(format!("authorization server {number} grants nothing to {device} now")).hint(format!(
            "`marque grant add {device} --scope <scope> --issuer {number} --until <when>` grants something"
        )));
    }
    if let Some(missing) = asked.iter().find(|scope| !names.contains(&scope.as_str())) {
        return Err(refused(format!("authorization server {number} does not grant {missing} to {device} now"))
            .hint(format!("it may get: {}", names.join(", "))));
    }
    let scopes = if asked.is_empty() { names.into_iter().map(str::to_owned).collect() } else { asked };
    if scopes.len() > bounds::SCOPES_MAX {
        let max = bounds::SCOPES_MAX;
        return Err(Failure::usage(format!("a token has at most {max} scopes, and {} are granted", scopes.len()))
            .hint("say which ones with --scope"));
    }
    Ok(scopes)
}

/// When a token begins and ends.
struct Times {
    issued_s: u64,
    expires_s: u64,
}

impl Times {
    /// It is issued at the chain's time, so that no contract finds it early, and it ends by what it says is granted.
    async fn of(chain: &Chain, lifetime_ms: u64, may: &Entitlements, scopes: &[String]) -> Outcome<Self> {
        let head_ms = chain.time_ms(At::Best).await?;
        let expires_ms = chain.time_ahead_ms(lifetime_ms, bounds::TOKEN_LIFETIME_MAX_MS).await?;
        let ends = may.scopes.iter().filter(|of| scopes.contains(&of.scope)).map(|of| of.until_ms);
        if expires_ms <= chain.config().clock.now_ms() {
            let message = "the chain has stood still for a day: a token that is issued by its time has expired already";
            return Err(Failure::new(Kind::Failed, message).hint("any transaction makes its time current"));
        }
        Ok(Self::between(head_ms, may.tokens_before_ms, ends.fold(expires_ms, u64::min)))
    }

    /// Whole seconds: not among those that are revoked, and no longer than a token may live.
    fn between(head_ms: u64, revoked_before_ms: u64, expires_ms: u64) -> Self {
        let issued_s = (head_ms / 1000).max(revoked_before_ms.div_ceil(1000));
        let longest_s = issued_s + bounds::TOKEN_LIFETIME_MAX_MS / 1000;
        Self { issued_s, expires_s: (expires_ms / 1000).clamp(issued_s + 1, longest_s) }
    }
}

/// A key of the authorization server that signs at this time and is in the keystore.
fn signing_key(
    session: &Session,
    number: IssuerId,
    issuer: &Issuer,
    name: Option<&str>,
    issued_s: u64,
    is_jwt: bool,
) -> Outcome<(IssuerKey, Box<dyn Signer>)> {
    let signs = |key: &&IssuerKey| key.is_good_for(issued_s.saturating_mul(1000));
    if let Some(name) = name {
        let info = session.keys.find(name)?.ok_or_else(|| no_key(name))?;
        let key = issuer.keys.iter().find(|key| key.public_key == info.public_key);
        let key = key.ok_or_else(|| {
            refused(format!("that key is none of authorization server {number}'s"))
                .hint(format!("`marque issuer add-key {number} --key <name>` makes it one"))
        })?;
        let key = Some(key).filter(signs).ok_or_else(|| {
            refused(format!("{} of authorization server {number} does not sign now", key_name(key.id)))
                .hint(format!("`marque issuer show {number}` shows when which key signs"))
        })?;
        return Ok((*key, session.keys.open(&info)?));
    }
    let local = session.keys.list()?;
    let mut last_first = issuer.keys.iter().rev().filter(signs);
    let fits = |scheme: Scheme| !is_jwt || scheme == Scheme::Ed25519;
    let found = last_first.find_map(|key| {
        let info = local.iter().find(|info| info.public_key == key.public_key && fits(info.scheme))?;
        Some((*key, info))
    });
    let (key, info) = found.ok_or_else(|| {
        let which = if is_jwt { "Ed25519 keys" } else { "keys" };
        Failure::new(
            Kind::NotFound,
            format!("none of the {which} of authorization server {number} that sign now is in the keystore"),
        )
        .hint(format!("`marque issuer show {number}` shows them; `marque issuer new-key` and `add-key` make another"))
    })?;
    Ok((key, session.keys.open(info)?))
}

/// The key that the device will show to have.
fn bound_key(session: &Session, target: &Target, record: &Device, named: Option<KeyId>) -> Outcome<PublicKey> {
    let current = |key: &&marque_sdk::primitives::Key| {
        key.is_current() && key.relationships.contains(Relationships::AUTHENTICATION)
    };
    let keys: Vec<_> = record.keys.iter().filter(current).collect();
    let device = target.label();
    if let Some(id) = named {
        let key = keys.iter().find(|key| key.id == id);
        return key.map(|key| key.public_key).ok_or_else(|| {
            refused(format!("{} is no current key of {device} for authentication", key_name(id)))
                .hint(format!("`marque device show {device}` lists its keys"))
        });
    }
    let local = session.keys.list()?;
    let mut here = keys.iter().filter(|key| local.iter().any(|info| info.public_key == key.public_key));
    match (&keys[..], here.next(), here.next()) {
        ([], ..) => Err(refused(format!("{device} has no current key for authentication"))
            .hint(format!("`marque device add-key {device}` adds one"))),
        ([only], ..) => Ok(only.public_key),
        (_, Some(only), None) => Ok(only.public_key),
        _ => Err(Failure::usage(format!("{device} has several current keys for authentication"))
            .hint(format!("say which one has the token with --bind; `marque device show {device}` lists them"))),
    }
}

/// 128 random bits.
fn random_id() -> String {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(head_ms: u64, before_ms: u64, expires_ms: u64) -> (u64, u64) {
        let Times { issued_s, expires_s } = Times::between(head_ms, before_ms, expires_ms);
        (issued_s, expires_s)
    }

    #[test]
    fn times_are_whole_seconds_within_the_bounds() {
        const DAY_S: u64 = 24 * 60 * 60;
        assert_eq!(between(10_999, 0, 70_999), (10, 70));
        assert_eq!(between(10_999, 10_500, 70_999), (11, 70), "after those that were revoked");
        assert_eq!(between(10_000, 0, 10_400), (10, 11), "never empty");
        assert_eq!(between(10_000, 0, u64::MAX), (10, 10 + DAY_S), "never too long");
    }
}
