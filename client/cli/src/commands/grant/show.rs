//! `marque grant show`

use marque_sdk::{
    did,
    primitives::access::{Entitlement, Entitlements},
};
use serde_json::json;

use crate::{
    access::{args::OfIssuer, read, render},
    context::Context,
    failure::Outcome,
    output,
    target::Target,
};

const EXAMPLES: &str = "\
Examples:
  marque grant show meter-1 --issuer 0
  marque grant show did:marque:…:z6Mk… --issuer 0 --json | jq '.scopes[].scope'";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The device: its name in the keystore, its id (z6Mk…), or its DID
    #[arg(value_name = "DEVICE")]
    device: String,
    #[command(flatten)]
    of: OfIssuer,
}

/// Shows what a device may get from an authorization server now.
///
/// # Errors
/// When there is none of this number, the text names no device, or the access contract can't be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (session, access) = context.session_with_access().await?;
    let target = session.target(&args.device)?;
    let issuer = args.of.issuer;
    let (_, may) = read::entitlements(&access, issuer, target.device).await?;
    let scopes: Vec<_> = may.scopes.iter().map(scope_json).collect();
    let result = json!({
        "issuer": issuer,
        "device": did::format_device_id(&target.device),
        "did": session.did(&target),
        "active": may.is_active,
        "epoch": may.epoch,
        "tokens_before": (may.tokens_before_ms > 0).then(|| did::format_time(may.tokens_before_ms)),
        "scopes": scopes,
    });
    context.output.result(&result, || text(issuer, &target, &may))
}

fn scope_json(of: &Entitlement) -> serde_json::Value {
    json!({
        "scope": of.scope,
        "sensitivity": render::sensitivity(of.sensitivity),
        "until": did::format_time(of.until_ms),
    })
}

fn text(issuer: u32, target: &Target, may: &Entitlements) -> String {
    let mut parts = Vec::new();
    if !may.is_active {
        let why =
            if may.epoch.is_none() { "it is not registered" } else { "it, or the authorization server, is not active" };
        let nothing = format!("{} gets nothing now: {why}", target.label());
        parts.push(output::styled(output::CAREFUL, nothing));
    }
    if may.tokens_before_ms > 0 {
        parts.push(format!("tokens from before {} are revoked", did::format_time(may.tokens_before_ms)));
    }
    if may.scopes.is_empty() {
        parts.push(format!("authorization server {issuer} grants no scope to {} now", target.label()));
    } else {
        let row = |of: &Entitlement| {
            [of.scope.clone(), render::sensitivity(of.sensitivity).to_owned(), did::format_time(of.until_ms)]
        };
        parts.push(output::table(["scope", "sensitivity", "until"], &may.scopes.iter().map(row).collect::<Vec<_>>()));
    }
    parts.join("\n")
}
