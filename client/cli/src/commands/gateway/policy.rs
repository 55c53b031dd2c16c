//! `marque gateway policy`: who may have which scopes, and for how long.

use std::net::IpAddr;

use clap::Subcommand;
use marque_gateway::policy::Explanation;
use serde_json::{Value, json};

use crate::{
    access::args::{audience, role_name, scope_name},
    context::Context,
    failure::Outcome,
    gateway::{
        Client,
        args::{Connection, OfServer},
        document::{self, DocumentArgs},
        render,
    },
    output,
};

const LIST_EXAMPLES: &str = "\
Examples:
  marque gateway policy list
  marque gateway policy list --server fleet";

const SHOW_EXAMPLES: &str = "\
Examples:
  marque gateway policy show devices > devices.json";

const PUT_EXAMPLES: &str = "\
Examples:
  marque gateway policy show devices | jq '.is_active = false' | marque gateway policy put -
  marque gateway policy put devices.json          with, for example:
    {\"name\": \"devices\", \"priority\": 1, \"is_active\": true, \"clients\": \"every\", \"rules\": [{
      \"name\": \"meters\", \"priority\": 1, \"is_active\": true, \"grant_types\": [\"client_credentials\"],
      \"scopes\": [\"meter:read\"], \"lifetime_s\": 600, \"audience\": [\"https://reader.example\"]}]}

The first rule that fits decides. What the chain grants to a device is the ceiling of each.";

const DELETE_EXAMPLES: &str = "\
Examples:
  marque gateway policy delete devices";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  marque gateway policy explain --client 0oa… --scope meter:read
  marque gateway policy explain --client did:marque:…:z6Mk… --scope meter:read --scope meter:write --address 10.1.0.7

No token is given out. What the chain grants is another question: marque grant show DEVICE --issuer NUMBER";

/// What to do with policies.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Lists the policies, in the order in which they are looked at
    #[command(after_help = LIST_EXAMPLES)]
    List(OfServer),
    /// Shows a policy
    #[command(after_help = SHOW_EXAMPLES)]
    Show(Named),
    /// Puts in a policy, or changes the one of its name
    #[command(after_help = PUT_EXAMPLES)]
    Put(Put),
    /// Takes out a policy
    #[command(after_help = DELETE_EXAMPLES)]
    Delete(Named),
    /// Says which rule would decide about a request, and why the others would not
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
}

/// A policy.
#[derive(clap::Args, Debug)]
pub struct Named {
    /// The policy's name
    #[arg(value_name = "POLICY")]
    name: String,
    #[command(flatten)]
    of: OfServer,
}

/// A policy to put in.
#[derive(clap::Args, Debug)]
pub struct Put {
    #[command(flatten)]
    document: DocumentArgs,
    #[command(flatten)]
    of: OfServer,
}

/// A request that could be made.
#[derive(clap::Args, Debug)]
pub struct Explain {
    /// The client: an application's client id, or a device's DID
    #[arg(long, value_name = "ID")]
    client: String,
    /// A scope that it would ask for; repeatable
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope_name, required = true)]
    scopes: Vec<String>,
    /// How it would ask
    #[arg(long, value_name = "GRANT", default_value = "client_credentials")]
    grant_type: String,
    /// The address that it would ask from
    #[arg(long, value_name = "ADDRESS")]
    address: Option<IpAddr>,
    /// A role that it has on the chain; repeatable
    #[arg(long = "role", value_name = "ROLE", value_parser = role_name)]
    roles: Vec<String>,
    /// Whom the token would be for; repeatable
    #[arg(long = "audience", value_name = "URI", value_parser = audience)]
    audience: Vec<String>,
    #[command(flatten)]
    of: OfServer,
}

/// Runs the verb.
///
/// # Errors
/// When there is no such policy, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, command: Command) -> Outcome {
    match command {
        Command::List(of) => list(context, &connection.client(context)?, &of).await,
        Command::Show(Named { name, of }) => {
            let policy = connection.client(context)?.get(&of.path(&["policies", &name])).await?;
            document::show(context, &policy)
        }
        Command::Put(Put { document, of }) => {
            let (read, client) = (document.read()?, connection.client(context)?);
            document::put(context, &client, &of.path(&["policies"]), "policy", read).await
        }
        Command::Delete(Named { name, of }) => {
            connection.client(context)?.delete(&of.path(&["policies", &name])).await?;
            context.output.result(&json!({ "deleted": name }), || "the policy is taken out".into())
        }
        Command::Explain(explain) => explain.run(context, &connection.client(context)?).await,
    }
}

async fn list(context: &Context, client: &Client, of: &OfServer) -> Outcome {
    let policies = client.list(&of.path(&["policies"])).await?;
    context.output.result(&json!({ "policies": policies }), || {
        let none = "no policies: nobody gets a token";
        render::table(["priority", "name", "status", "clients", "rules"], &policies, none, |policy| {
            let rules = policy["rules"].as_array().map_or(0, Vec::len);
            let text = |member| render::text(policy, member);
            [text("priority"), text("name"), render::status(policy), clients(policy), rules.to_string()]
        })
    })
}

fn clients(policy: &Value) -> String {
    match &policy["clients"] {
        Value::String(all) => output::harmless(all),
        these => render::text(these, "these"),
    }
}

impl Explain {
    async fn run(self, context: &Context, client: &Client) -> Outcome {
        let ask = json!({
            "client_id": self.client,
            "grant_type": self.grant_type,
            "scopes": self.scopes,
            "address": self.address,
            "roles": self.roles,
            "audience": self.audience,
        });
        let explanation = client.post(&self.of.path(&["explain"]), Some(&ask)).await?;
        context.output.result(&explanation, || text(&explanation))
    }
}

fn text(explanation: &Value) -> String {
    match serde_json::from_value::<Explanation>(explanation.clone()) {
        Ok(explanation) => output::harmless(&explanation.to_string()),
        // One with more to say than this marque knows.
        Err(_) => render::pretty(explanation),
    }
}
