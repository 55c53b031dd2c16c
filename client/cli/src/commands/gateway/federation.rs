//! `marque gateway federation`: issuers whose tokens an authorization server exchanges for its own.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    context::Context,
    failure::Outcome,
    gateway::{
        args::{Connection, OfServer},
        document::{self, DocumentArgs},
        render,
    },
};

const LIST_EXAMPLES: &str = "\
Examples:
  marque gateway federation list";

const SHOW_EXAMPLES: &str = "\
Examples:
  marque gateway federation show cluster > cluster.json";

const PUT_EXAMPLES: &str = "\
Examples:
  marque gateway federation put cluster.json          with, for example:
    {\"name\": \"cluster\", \"server\": \"default\", \"is_active\": true,
     \"source\": {\"external\": {\"issuer\": \"https://cluster.example\", \"algorithms\": [\"ES256\"],
       \"keys\": {\"jwks_uri\": \"https://cluster.example/keys\"}, \"audiences\": [\"https://gateway.example\"]}},
     \"subject\": {\"fixed\": {\"device\": \"did:marque:…\"}}, \"scopes\": [{\"from\": \"read\", \"to\": [\"meter:read\"]}]}
  marque gateway federation show cluster | jq '.is_active = false' | marque gateway federation put -

The form of the document is in the gateway's own description: /api/v1/openapi.json";

const DELETE_EXAMPLES: &str = "\
Examples:
  marque gateway federation delete cluster";

/// What to do with federations.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Lists the federations
    #[command(after_help = LIST_EXAMPLES)]
    List(OfServer),
    /// Shows a federation
    #[command(after_help = SHOW_EXAMPLES)]
    Show(Named),
    /// Puts in a federation, or changes the one of its name
    #[command(after_help = PUT_EXAMPLES)]
    Put(Put),
    /// Takes out a federation
    #[command(after_help = DELETE_EXAMPLES)]
    Delete(Named),
}

/// A federation.
#[derive(clap::Args, Debug)]
pub struct Named {
    /// The federation's name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    of: OfServer,
}

/// A federation to put in.
#[derive(clap::Args, Debug)]
pub struct Put {
    #[command(flatten)]
    document: DocumentArgs,
    #[command(flatten)]
    of: OfServer,
}

/// Runs the verb.
///
/// # Errors
/// When there is no such federation, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, command: Command) -> Outcome {
    match command {
        Command::List(of) => {
            let federations = connection.client(context)?.list(&of.path(&["federation"])).await?;
            context.output.result(&json!({ "federations": federations }), || {
                render::table(["name", "status", "source"], &federations, "no federations", |federation| {
                    [render::text(federation, "name"), render::status(federation), source(&federation["source"])]
                })
            })
        }
        Command::Show(Named { name, of }) => {
            let federation = connection.client(context)?.get(&of.path(&["federation", &name])).await?;
            document::show(context, &federation)
        }
        Command::Put(Put { document, of }) => {
            let (read, client) = (document.read()?, connection.client(context)?);
            document::put(context, &client, &of.path(&["federation"]), "federation", read).await
        }
        Command::Delete(Named { name, of }) => {
            connection.client(context)?.delete(&of.path(&["federation", &name])).await?;
            context.output.result(&json!({ "deleted": name }), || "the federation is taken out".into())
        }
    }
}

/// Whose tokens are exchanged.
fn source(of: &Value) -> String {
    match of["marque"]["issuer"].as_u64() {
        Some(number) => format!("authorization server {number}"),
        None => render::text(&of["external"], "issuer"),
    }
}
