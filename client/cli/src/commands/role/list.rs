//! `marque role list`

use std::collections::BTreeMap;

use marque_sdk::primitives::access::AccessChange;
use serde_json::json;

use crate::{
    access::{
        args::OfIssuer,
        log::{self, Since},
    },
    context::Context,
    failure::Outcome,
    output,
};

const EXAMPLES: &str = "\
Examples:
  marque role list --issuer 0
  marque role list --issuer 0 --from 1200 --json

The contract does not list them: this reads the chain's events, for which the node must still have the blocks.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    of: OfIssuer,
    #[command(flatten)]
    since: Since,
}

/// Lists the roles of an authorization server.
///
/// # Errors
/// When there is none of this number, or the chain can't be read.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (_, access) = context.session_with_access().await?;
    let changes = log::changes(&access, args.of.issuer, args.since).await?;
    let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for change in changes {
        match change {
            AccessChange::RoleSet { name, scopes } => drop(roles.insert(name, scopes)),
            AccessChange::RoleRemoved { name } => drop(roles.remove(&name)),
            _ => {}
        }
    }
    let entries: Vec<_> = roles.iter().map(|(name, scopes)| json!({"role": name, "scopes": scopes})).collect();
    context.output.result(&json!({"issuer": args.of.issuer, "roles": entries}), || {
        let row = |(name, scopes): (&String, &Vec<String>)| [name.clone(), scopes.join(", ")];
        output::table(["role", "scopes"], &roles.iter().map(row).collect::<Vec<_>>())
    })
}
