//! `marque scope show`

use serde_json::json;

use crate::{
    access::{
        args::{self, OfIssuer},
        render,
    },
    context::Context,
    failure::{Failure, Kind, Outcome},
    output,
    spec::hex0x,
};

const EXAMPLES: &str = "\
Examples:
  marque scope show meter:read --issuer 0";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Its name
    #[arg(value_name = "SCOPE", value_parser = args::scope_name)]
    scope: String,
    #[command(flatten)]
    of: OfIssuer,
}

/// Shows a scope.
///
/// # Errors
/// When there is none of this name, or the access contract can't be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (_, access) = context.session_with_access().await?;
    let issuer = args.of.issuer;
    let scope = access.scope(issuer, &args.scope).await?.ok_or_else(|| {
        Failure::new(Kind::NotFound, format!("authorization server {issuer} has no scope of this name"))
            .hint("`marque scope list --issuer <number>` shows what there is")
    })?;
    let mut json = render::scope_json(&args.scope, &scope);
    json["issuer"] = json!(issuer);
    context.output.result(&json, || {
        let state = if scope.is_retired { output::styled(output::BAD, "retired, for ever") } else { "in use".into() };
        output::fields(&[
            ("scope", output::styled(output::BOLD, &args.scope)),
            ("sensitivity", render::sensitivity(scope.sensitivity).into()),
            ("state", state),
            ("description", format!("hash {}", hex0x(&scope.description))),
        ])
    })
}
