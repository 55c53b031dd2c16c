//! `marque issuer trusts`

use std::collections::BTreeSet;

use marque_sdk::{
    did,
    primitives::access::{AccessChange, IssuerId, Trust},
};
use serde_json::json;

use crate::{
    access::log::{self, Since},
    context::Context,
    failure::Outcome,
    output,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer trusts 0
  marque issuer trusts 0 --from 1200 --json

The contract does not list them: this reads the chain's events, for which the node must still have the blocks.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The authorization server's number
    #[arg(value_name = "ISSUER")]
    issuer: IssuerId,
    #[command(flatten)]
    since: Since,
}

/// Lists whom an authorization server trusts.
///
/// # Errors
/// When there is none of this number, or the chain can't be read.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (_, access) = context.session_with_access().await?;
    let changes = log::changes(&access, args.issuer, args.since).await?;
    let ever: BTreeSet<IssuerId> = changes
        .iter()
        .filter_map(|change| match change {
            AccessChange::TrustSet { issuer, .. } => Some(*issuer),
            _ => None,
        })
        .collect();
    let mut trusts: Vec<(IssuerId, Trust)> = Vec::new();
    for other in ever {
        trusts.extend(access.trust(args.issuer, other).await?.map(|trust| (other, trust)));
    }
    let entry = |(other, trust): &(IssuerId, Trust)| json!({"trusted": other, "scopes": trust.scopes, "until": did::format_time(trust.until_ms)});
    let result = json!({"issuer": args.issuer, "trusts": trusts.iter().map(entry).collect::<Vec<_>>()});
    context.output.result(&result, || {
        let row = |(other, trust): &(IssuerId, Trust)| {
            [other.to_string(), trust.scopes.join(", "), did::format_time(trust.until_ms)]
        };
        output::table(["trusts", "for", "until"], &trusts.iter().map(row).collect::<Vec<_>>())
    })
}
