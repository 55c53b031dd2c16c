//! `marque token revoke`

use marque_sdk::primitives::{
    DeviceId,
    access::{AccessOperation, IssuerId},
    blake2b_256, bounds,
    token::{Requirement, VerifyError},
};

use crate::{
    access::{
        args::{self, Acting},
        stage::Stage,
    },
    context::Context,
    duration::{self, When},
    failure::{Failure, Kind, Outcome},
    token::{
        check,
        source::{Token, TokenArgs},
    },
};

const EXAMPLES: &str = "\
Examples:
  marque token revoke token.jwt --as //Alice
  marque token revoke --jti 5f3a… --issuer 0 --as //Alice      when the token is not at hand
  marque token revoke --device meter-1 --all-before now --issuer 0 --as //Alice

The entry of one token stays until it has expired, and `marque token reclaim` takes it away. Of a device's tokens before \
some time there is one entry for ever. All tokens of a device, whoever issued them: marque device bump-epoch.";

/// The longest that a token which is good now can be good: by an issuer's clock that is ahead, and a verifier's that is behind.
const NEEDED_MAX_MS: u64 = bounds::TOKEN_LIFETIME_MAX_MS + 2 * bounds::CLOCK_SKEW_MAX_MS;

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["token", "jti", "device"]))]
pub struct Args {
    /// The token, the name of a file that has it, or - for stdin
    #[arg(value_name = "TOKEN")]
    token: Option<String>,
    /// The token's id, as `marque token inspect` shows it
    #[arg(long, value_name = "ID", value_parser = args::token_id, requires = "issuer")]
    jti: Option<String>,
    /// When the token of this id expires: in how long, or at what time [default: when any token has that is good now]
    #[arg(long, value_name = "WHEN", value_parser = duration::parse_when, requires = "jti")]
    expires: Option<When>,
    /// All tokens of this device: its name in the keystore, its id (z6Mk…), or its DID
    #[arg(long, value_name = "DEVICE", requires_all = ["issuer", "all_before"])]
    device: Option<String>,
    /// Those that were issued before this time: `now`, or a time such as 2026-12-01T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_before, requires = "device")]
    all_before: Option<Before>,
    /// The number of the authorization server that issued it [default: the one that the token names]
    #[arg(long, env = "MARQUE_ISSUER", hide_env_values = true, value_name = "NUMBER")]
    issuer: Option<IssuerId>,
    #[command(flatten)]
    acting: Acting,
}

/// Before when.
#[derive(Clone, Copy, Debug)]
enum Before {
    Now,
    At(u64),
}

fn parse_before(text: &str) -> Result<Before, String> {
    if text == "now" { Ok(Before::Now) } else { duration::parse_time(text).map(Before::At) }
}

/// Revokes a token, or all of a device before some time.
///
/// # Errors
/// When the token is not one of the authorization server's, or the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    if let Some(token) = args.token {
        return by_token(context, TokenArgs { token }, args.issuer, &args.acting).await;
    }
    let issuer = args.issuer.ok_or_else(|| Failure::usage("of which authorization server? Say it with --issuer"))?;
    let stage = Stage::open(context, issuer, &args.acting).await?;
    if let Some(jti) = args.jti {
        let expires_ms = stage.time(args.expires.unwrap_or(When::In(NEEDED_MAX_MS)), NEEDED_MAX_MS).await?;
        let token = blake2b_256(jti.as_bytes());
        return stage.perform(AccessOperation::RevokeToken { token, expires_ms }).await;
    }
    let (Some(device), Some(before)) = (args.device, args.all_before) else {
        return Err(Failure::usage("which tokens? Say it with --device and --all-before"));
    };
    let device = stage.session.target(&device)?.device;
    let before_ms = match before {
        Before::Now => before_now(&stage, device).await?,
        Before::At(at_ms) => at_ms,
    };
    stage.perform(AccessOperation::RevokeTokensBefore { device, before_ms }).await
}

/// The time before which all that was issued by now is. The contract takes none that is far ahead of the chain's time, which stands
/// still while nothing happens: then a first revocation, up to there, makes the chain's time current.
async fn before_now(stage: &Stage<'_>, device: DeviceId) -> Outcome<u64> {
    let chain = stage.session.chain();
    let now_ms = chain.config().clock.now_ms();
    let before_ms = chain.time_ahead_ms(0, bounds::CLOCK_SKEW_MAX_MS).await?;
    if before_ms >= now_ms {
        return Ok(before_ms);
    }
    stage.execute(AccessOperation::RevokeTokensBefore { device, before_ms }).await?;
    Ok(chain.time_ahead_ms(0, bounds::CLOCK_SKEW_MAX_MS).await?)
}

async fn by_token(context: &Context, args: TokenArgs, issuer: Option<IssuerId>, acting: &Acting) -> Outcome {
    let token: Token = args.read()?.map_err(|error| error.as_input())?;
    let signed = token.into_signed().map_err(|error| error.as_input())?;
    let named = signed.signed_by.issuer;
    if issuer.is_some_and(|issuer| issuer != named) {
        return Err(Failure::usage(format!("the token names authorization server {named}, and --issuer another one")));
    }
    let stage = Stage::open(context, named, acting).await?;
    // What an attacker wrote could name an earlier end for an id: its entry would be reclaimed while the real token is good.
    let audience = signed.claims.audience.first().cloned().unwrap_or_default();
    let requirement = Requirement { issuer: named, audience, scopes: Vec::new() };
    let checked = check::off_chain(&stage.access, &signed, &requirement).await?;
    if let Err(error) = checked {
        ensure_signed(error)?;
    }
    let operation = AccessOperation::RevokeToken {
        token: blake2b_256(signed.claims.token_id.as_bytes()),
        expires_ms: signed.claims.expires_ms(),
    };
    stage.perform(operation).await
}

/// Whether a token that is refused is one of the authorization server's all the same, and could be good again.
fn ensure_signed(error: marque_sdk::VerifierError) -> Outcome {
    match error.refusal() {
        Some(VerifyError::Expired) => {
            Err(Failure::new(Kind::Refused, "the token has expired: nobody takes it any more")
                .reason(VerifyError::Expired))
        }
        // After the signature in the order of rules.
        Some(
            VerifyError::NotYetValid
            | VerifyError::DeviceUnknown
            | VerifyError::DeviceSuspended
            | VerifyError::DeviceRevoked
            | VerifyError::StaleEpoch
            | VerifyError::TokenRevoked,
        ) => Ok(()),
        Some(reason) => Err(Failure::from(reason)
            .hint("nobody takes it as it is; to revoke it for certain, give its id: --jti <id> --issuer <number>")),
        None => Err(error.into()),
    }
}
