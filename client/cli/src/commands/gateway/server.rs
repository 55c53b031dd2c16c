//! `marque gateway server`: authorization servers of the gateway.

use clap::Subcommand;
use serde_json::json;

use crate::{
    context::Context,
    failure::Outcome,
    gateway::{
        args::Connection,
        document::{self, DocumentArgs},
        render,
    },
};

const LIST_EXAMPLES: &str = "\
Examples:
  marque gateway server list";

const SHOW_EXAMPLES: &str = "\
Examples:
  marque gateway server show default > default.json";

const PUT_EXAMPLES: &str = "\
Examples:
  marque gateway server show default | jq '.requires_dpop = true' | marque gateway server put -
  marque gateway server put default.json          with, for example:
    {\"name\": \"default\", \"issuer\": 0, \"url\": \"https://gateway.example/oauth2/default\",
     \"default_scopes\": [\"meter:read\"]}

It must be on the chain under this number and URL: see marque issuer register";

/// What to do with authorization servers.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Lists the authorization servers
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Shows how an authorization server is set up
    #[command(after_help = SHOW_EXAMPLES)]
    Show(Named),
    /// Sets up an authorization server, or changes how it is set up
    #[command(after_help = PUT_EXAMPLES)]
    Put(DocumentArgs),
}

/// An authorization server.
#[derive(clap::Args, Debug)]
pub struct Named {
    /// Its name at the gateway
    #[arg(value_name = "NAME")]
    name: String,
}

/// Runs the verb.
///
/// # Errors
/// When there is no such authorization server, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, command: Command) -> Outcome {
    let path = ["authorizationServers"];
    match command {
        Command::List => {
            let servers = connection.client(context)?.list(&path).await?;
            context.output.result(&json!({ "servers": servers }), || {
                render::table(["name", "issuer", "url"], &servers, "no authorization servers", |server| {
                    ["name", "issuer", "url"].map(|member| render::text(server, member))
                })
            })
        }
        Command::Show(Named { name }) => {
            let server = connection.client(context)?.get(&["authorizationServers", &name]).await?;
            document::show(context, &server)
        }
        Command::Put(args) => {
            let (read, client) = (args.read()?, connection.client(context)?);
            document::put(context, &client, &path, "authorization server", read).await
        }
    }
}
