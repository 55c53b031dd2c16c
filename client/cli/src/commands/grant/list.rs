//! `marque grant list`

use marque_sdk::{
    did,
    primitives::access::{Grant, Grantee},
};
use serde_json::json;

use crate::{
    access::{args::OfIssuer, read, render},
    context::Context,
    failure::Outcome,
    output,
};

const EXAMPLES: &str = "\
Examples:
  marque grant list meter-1 --issuer 0           grants that are over included
  marque grant show meter-1 --issuer 0           what they give now";

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

/// Lists what an authorization server granted to a device.
///
/// # Errors
/// When there is none of this number, the text names no device, or the access contract can't be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (session, access) = context.session_with_access().await?;
    let target = session.target(&args.device)?;
    let issuer = args.of.issuer;
    read::issuer(&access, issuer).await?;
    let grants = access.grants(issuer, Grantee::Device(target.device)).await?;
    let result = json!({
        "issuer": issuer,
        "device": did::format_device_id(&target.device),
        "did": session.did(&target),
        "grants": grants.iter().map(render::grant_json).collect::<Vec<_>>(),
    });
    context.output.result(&result, || {
        if grants.is_empty() {
            return format!("authorization server {issuer} granted nothing to {}", target.label());
        }
        let row = |grant: &Grant| {
            let (kind, name) = render::right(&grant.right);
            [kind.to_owned(), name.to_owned(), did::format_time(grant.until_ms)]
        };
        output::table(["kind", "name", "until"], &grants.iter().map(row).collect::<Vec<_>>())
    })
}
