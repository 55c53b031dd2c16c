//! `marque gateway token`: operators' access tokens.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    context::Context,
    duration,
    failure::Outcome,
    gateway::{args::Connection, render},
    output,
};

const LIST_EXAMPLES: &str = "\
Examples:
  marque gateway token list";

const CREATE_EXAMPLES: &str = "\
Examples:
  marque gateway token create 'CI of the grid team' --role operator --lifetime 30d
  marque gateway token create monitoring --role reader --json | jq -r .token > token

It is shown this once.";

const REVOKE_EXAMPLES: &str = "\
Examples:
  marque gateway token revoke 00T…

Its id is enough: never give the token itself.";

/// What to do with operators' tokens.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Lists the tokens, without what they are
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Makes a token, and shows it this once
    #[command(after_help = CREATE_EXAMPLES)]
    Create(Create),
    /// Revokes a token
    #[command(after_help = REVOKE_EXAMPLES)]
    Revoke(Revoke),
}

/// A token to make.
#[derive(clap::Args, Debug)]
pub struct Create {
    /// What it is for
    #[arg(value_name = "NAME")]
    name: String,
    /// What it may do; each role may do what those before it may
    #[arg(long, value_enum)]
    role: RoleName,
    /// For how long; at most 366d
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_ms, default_value = "90d")]
    lifetime: u64,
}

/// A token to revoke.
#[derive(clap::Args, Debug)]
pub struct Revoke {
    /// The token's id, which is the part of it before the dot
    #[arg(value_name = "ID")]
    id: String,
}

/// What an operator may do.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub enum RoleName {
    /// Reads settings and the log
    Reader,
    /// Changes applications, devices, policies and zones
    Operator,
    /// Changes secrets, keys, authorization servers and operators' tokens
    SecurityOfficer,
}

impl RoleName {
    const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::SecurityOfficer => "security_officer",
        }
    }
}

/// Runs the verb.
///
/// # Errors
/// When there is no such token, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, command: Command) -> Outcome {
    match command {
        Command::List => {
            let tokens = connection.client(context)?.list(&["api-tokens"]).await?;
            context.output.result(&json!({ "tokens": tokens }), || {
                render::table(["id", "name", "role", "created", "expires"], &tokens, "no tokens", |token| {
                    ["id", "name", "role", "created", "expires"].map(|member| render::text(token, member))
                })
            })
        }
        Command::Create(create) => {
            let new = json!({
                "name": create.name,
                "role": create.role.name(),
                "lifetime_s": create.lifetime / 1000,
            });
            let made = connection.client(context)?.post(&["api-tokens"], Some(&new)).await?;
            context.output.result(&made, || text(&made))
        }
        Command::Revoke(Revoke { id }) => revoke(context, connection, &id).await,
    }
}

async fn revoke(context: &Context, connection: &Connection, given: &str) -> Outcome {
    // Whoever gives the whole token means this one; the rest of it goes nowhere.
    let id = given.split('.').next().unwrap_or_default();
    connection.client(context)?.delete(&["api-tokens", id]).await?;
    context.output.result(&json!({ "revoked": id }), || "the token is revoked".into())
}

fn text(made: &Value) -> String {
    let fields = [
        ("id", render::text(made, "id")),
        ("role", render::text(made, "role")),
        ("expires", render::text(made, "expires")),
        ("token", output::styled(output::BOLD, render::text(made, "token"))),
    ];
    let careful = output::styled(output::CAREFUL, "it is shown this once");
    format!("{}\n{careful}", output::fields(&fields))
}
