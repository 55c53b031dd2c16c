//! `marque scope list`

use std::collections::BTreeMap;

use marque_sdk::primitives::access::{AccessChange, Scope};
use serde_json::json;

use crate::{
    access::{
        args::OfIssuer,
        log::{self, Since},
        render,
    },
    context::Context,
    failure::Outcome,
    output,
};

const EXAMPLES: &str = "\
Examples:
  marque scope list --issuer 0
  marque scope list --issuer 0 --from 1200 --json

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

/// Lists the scopes of an authorization server.
///
/// # Errors
/// When there is none of this number, or the chain can't be read.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (_, access) = context.session_with_access().await?;
    let changes = log::changes(&access, args.of.issuer, args.since).await?;
    let mut scopes: BTreeMap<String, Scope> = BTreeMap::new();
    for change in changes {
        if let AccessChange::ScopeSet { name, scope } = change {
            scopes.insert(name, scope);
        }
    }
    let entries: Vec<_> = scopes.iter().map(|(name, scope)| render::scope_json(name, scope)).collect();
    context.output.result(&json!({"issuer": args.of.issuer, "scopes": entries}), || {
        let row = |(name, scope): (&String, &Scope)| {
            let state = if scope.is_retired { "retired" } else { "" };
            [name.clone(), render::sensitivity(scope.sensitivity).to_owned(), state.to_owned()]
        };
        output::table(["scope", "sensitivity", ""], &scopes.iter().map(row).collect::<Vec<_>>())
    })
}
