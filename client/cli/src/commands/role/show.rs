//! `marque role show`

use serde_json::json;

use crate::{
    access::args::{self, OfIssuer},
    context::Context,
    failure::{Failure, Kind, Outcome},
    output,
};

const EXAMPLES: &str = "\
Examples:
  marque role show reader --issuer 0";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Its name
    #[arg(value_name = "ROLE", value_parser = args::role_name)]
    role: String,
    #[command(flatten)]
    of: OfIssuer,
}

/// Shows a role.
///
/// # Errors
/// When there is none of this name, or the access contract can't be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (_, access) = context.session_with_access().await?;
    let issuer = args.of.issuer;
    let record = access.role(issuer, &args.role).await?.ok_or_else(|| {
        Failure::new(Kind::NotFound, format!("authorization server {issuer} has no role of this name"))
            .hint("`marque role list --issuer <number>` shows what there is")
    })?;
    context.output.result(&json!({"issuer": issuer, "role": args.role, "scopes": record.scopes}), || {
        output::fields(&[("role", output::styled(output::BOLD, &args.role)), ("scopes", record.scopes.join(", "))])
    })
}
