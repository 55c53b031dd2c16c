//! `marque gateway secret`: secrets of applications. Two may count at once, so that one can be changed without a pause.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    context::Context,
    failure::{Failure, Kind, Outcome},
    gateway::{Client, args::Connection, render},
    output,
};

/// The most secrets of an application that count at once.
const ACTIVE_MAX: usize = marque_gateway::settings::SECRETS_ACTIVE_MAX;

const LIST_EXAMPLES: &str = "\
Examples:
  marque gateway secret list 0oa…";

const CREATE_EXAMPLES: &str = "\
Examples:
  marque gateway secret create 0oa…
  marque gateway secret create 0oa… --json | jq -r .client_secret > secret

It is shown this once. Two secrets may count at once.";

const ROTATE_EXAMPLES: &str = "\
Examples:
  marque gateway secret rotate 0oa…              a new secret, beside the old one
  marque gateway secret deactivate 0oa… ID       the old one, once the application uses the new one
  marque gateway secret delete 0oa… ID

The old secret counts until it is deactivated: the application is never without one that works.";

const ACTIVATE_EXAMPLES: &str = "\
Examples:
  marque gateway secret activate 0oa… ID";

const DEACTIVATE_EXAMPLES: &str = "\
Examples:
  marque gateway secret deactivate 0oa… ID        until: marque gateway secret activate 0oa… ID";

const DELETE_EXAMPLES: &str = "\
Examples:
  marque gateway secret deactivate 0oa… ID
  marque gateway secret delete 0oa… ID";

/// What to do with the secrets of an application.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Lists the secrets of an application, without what they are
    #[command(after_help = LIST_EXAMPLES)]
    List(OfApp),
    /// Makes a secret, and shows it this once
    #[command(after_help = CREATE_EXAMPLES)]
    Create(OfApp),
    /// Makes a secret while the old one counts, and says how the old one ends
    #[command(after_help = ROTATE_EXAMPLES)]
    Rotate(OfApp),
    /// Lets a secret count
    #[command(after_help = ACTIVATE_EXAMPLES)]
    Activate(OfSecret),
    /// Lets a secret count no more
    #[command(after_help = DEACTIVATE_EXAMPLES)]
    Deactivate(OfSecret),
    /// Deletes a secret that does not count
    #[command(after_help = DELETE_EXAMPLES)]
    Delete(OfSecret),
}

/// An application.
#[derive(clap::Args, Debug)]
pub struct OfApp {
    /// The application's client id
    #[arg(value_name = "APP")]
    app: String,
}

/// A secret of an application.
#[derive(clap::Args, Debug)]
pub struct OfSecret {
    /// The application's client id
    #[arg(value_name = "APP")]
    app: String,
    /// The secret's id, as `marque gateway secret list` has it: never the secret itself
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs the verb.
///
/// # Errors
/// When there is no such application or secret, or the gateway can't be reached or refuses.
pub async fn run(context: &Context, connection: &Connection, command: Command) -> Outcome {
    let client = connection.client(context)?;
    match command {
        Command::List(of) => {
            let secrets = client.list(&path(&of.app)).await?;
            print(context, &secrets)
        }
        Command::Create(of) => create(context, &client, &of.app).await,
        Command::Rotate(of) => rotate(context, &client, &of.app).await,
        Command::Activate(of) => set(context, &client, &of, "activate").await,
        Command::Deactivate(of) => set(context, &client, &of, "deactivate").await,
        Command::Delete(of) => {
            client.delete(&[&path(&of.app)[..], &[&of.id]].concat()).await?;
            context.output.result(&json!({ "deleted": of.id }), || "the secret is deleted".into())
        }
    }
}

fn path(app: &str) -> [&str; 4] {
    ["apps", app, "credentials", "secrets"]
}

async fn create(context: &Context, client: &Client, app: &str) -> Outcome {
    let made = client.post(&path(app), None).await?;
    context.output.result(&made, || text(&made))
}

async fn set(context: &Context, client: &Client, of: &OfSecret, change: &str) -> Outcome {
    let path = [&path(&of.app)[..], &[&of.id, "lifecycle", change]].concat();
    let secrets = client.post(&path, None).await?;
    print(context, secrets.as_array().map(Vec::as_slice).unwrap_or_default())
}

async fn rotate(context: &Context, client: &Client, app: &str) -> Outcome {
    let secrets = client.list(&path(app)).await?;
    let active: Vec<&Value> = secrets.iter().filter(|secret| render::status(secret) == "ACTIVE").collect();
    if active.len() >= ACTIVE_MAX {
        return Err(both_count(app, &active));
    }
    let made = client.post(&path(app), None).await?;
    let old = active.first().copied();
    context.output.result(&json!({ "new": made, "old": old }), || match old {
        Some(old) => format!("{}\n\n{}", text(&made), next(app, &render::text(old, "id"))),
        None => text(&made),
    })
}

/// A secret that was just made, for people.
pub fn text(made: &Value) -> String {
    let fields = [
        ("id", render::text(made, "id")),
        ("client secret", output::styled(output::BOLD, render::text(made, "client_secret"))),
    ];
    let careful = output::styled(output::CAREFUL, "it is shown this once: keep it where its owner finds it");
    format!("{}\n{careful}", output::fields(&fields))
}

fn next(app: &str, old: &str) -> String {
    let title = output::styled(
        output::BOLD,
        format!("The old secret {old} counts still. Once the application uses the new one:"),
    );
    format!("{title}\n  marque gateway secret deactivate {app} {old}")
}

fn both_count(app: &str, active: &[&Value]) -> Failure {
    let ids: Vec<_> = active
        .iter()
        .map(|secret| format!("{} of {}", render::text(secret, "id"), render::text(secret, "created")))
        .collect();
    let (ids, oldest) =
        (ids.join(" and "), active.first().map(|secret| render::text(secret, "id")).unwrap_or_default());
    Failure::new(Kind::Refused, format!("two secrets count already: {ids}"))
        .hint(format!("deactivate the one that the application does not use, such as the older one: marque gateway secret deactivate {app} {oldest}"))
}

fn print(context: &Context, secrets: &[Value]) -> Outcome {
    context.output.result(&json!({ "secrets": secrets }), || table(secrets, "no secrets"))
}

/// Secrets for people.
pub fn table(secrets: &[Value], none: &str) -> String {
    render::table(["secret", "status", "created"], secrets, none, |secret| {
        [render::text(secret, "id"), render::status(secret), render::text(secret, "created")]
    })
}
