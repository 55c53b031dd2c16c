//! `marque gateway key`: signing keys of an authorization server.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    context::Context,
    failure::Outcome,
    gateway::{
        args::{Connection, OfServer},
        entries, render,
    },
};

const LIST_EXAMPLES: &str = "\
Examples:
  marque gateway key list
  marque gateway key list --server fleet --json | jq '.keys[] | select(.status == \"ACTIVE\") | .kid'";

const ROTATE_EXAMPLES: &str = "\
Examples:
  marque gateway key rotate                          the next key signs from now on; tokens of the old one stay good
  marque gateway key rotate --compromised            tokens of the old one are good no more, at once
  marque gateway key rotate --compromised --yes      for scripts

Keys are rotated by themselves too. With --compromised each client must get a new token.";

/// What to do with signing keys.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Lists the signing keys: those that sign, are next, and are over
    #[command(after_help = LIST_EXAMPLES)]
    List(OfServer),
    /// Lets the next signing key sign from now on
    #[command(after_help = ROTATE_EXAMPLES)]
    Rotate(Rotate),
}

/// How it is rotated.
#[derive(clap::Args, Debug)]
pub struct Rotate {
    /// Somebody else has the key: it is revoked on the chain, with all tokens that it signed
    #[arg(long)]
    compromised: bool,
    /// Does not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    of: OfServer,
}

/// Runs the verb.
///
/// # Errors
/// When it is not confirmed, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, command: Command) -> Outcome {
    let client = connection.client(context)?;
    let keys = match command {
        Command::List(of) => client.list(&of.path(&["credentials", "keys"])).await?,
        Command::Rotate(rotate) => {
            if rotate.compromised && !rotate.yes {
                context
                    .output
                    .confirm("The key will be revoked, and all tokens that it signed with it; there is no way back.")?;
            }
            let path = rotate.of.path(&["credentials", "lifecycle", "keyRotate"]);
            let asked = json!({ "use": "sig", "compromised": rotate.compromised });
            entries(client.post(&path, Some(&asked)).await?)?
        }
    };
    context.output.result(&json!({ "keys": keys }), || table(&keys))
}

fn table(keys: &[Value]) -> String {
    render::table(["key", "algorithm", "status", "signs from", "until"], keys, "no keys", |key| {
        [
            render::text(key, "kid"),
            render::text(key, "algorithm"),
            render::status(key),
            render::time(key, "activates_ms"),
            render::time(key, "expires_ms"),
        ]
    })
}
