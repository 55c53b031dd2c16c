//! `marque gateway app`: a module for each verb.

mod args;
mod create;
mod delete;
mod lifecycle;
mod list;
mod show;
mod update;

pub use args::{did, label};
use clap::Subcommand;
use serde_json::Value;

use crate::{
    context::Context,
    failure::Outcome,
    gateway::{args::Connection, render},
};

/// What to do with applications.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Makes an application, and shows its first secret this once
    Create(create::Args),
    /// Lists the applications
    List(list::Args),
    /// Shows an application
    Show(show::Args),
    /// Changes what is said of an application
    Update(update::Args),
    /// Lets an application act
    Activate(lifecycle::ActivateArgs),
    /// Lets an application act no more: it gets no tokens from now on
    Deactivate(lifecycle::DeactivateArgs),
    /// Deletes an application that is not active
    Delete(delete::Args),
}

/// Runs the verb.
///
/// # Errors
/// What it failed with.
pub async fn run(context: &Context, connection: &Connection, command: Command) -> Outcome {
    match command {
        Command::Create(args) => create::run(context, connection, args).await,
        Command::List(args) => list::run(context, connection, args).await,
        Command::Show(args) => show::run(context, connection, args).await,
        Command::Update(args) => update::run(context, connection, args).await,
        Command::Activate(args) => lifecycle::run(context, connection, &args.app, "activate").await,
        Command::Deactivate(args) => lifecycle::run(context, connection, &args.app, "deactivate").await,
        Command::Delete(args) => delete::run(context, connection, args).await,
    }
}

/// An application for people.
fn text(app: &Value) -> String {
    let fields = [
        ("client id", render::text(app, "client_id")),
        ("label", render::text(app, "label")),
        ("status", render::status(app)),
        ("device", render::text(app, "device")),
        ("proves itself by", render::text(app, "authentication")),
        ("grant types", render::text(app, "grant_types")),
        ("fleet", render::text(app, "fleet")),
        ("labels", render::text(app, "labels")),
        ("zones", render::text(app, "zones")),
        ("created", render::text(app, "created")),
    ];
    let secrets = app["secrets"].as_array().map(Vec::as_slice).unwrap_or_default();
    let secrets = super::secret::table(secrets, "no secrets");
    format!("{}\n\n{secrets}", render::fields(&fields))
}
