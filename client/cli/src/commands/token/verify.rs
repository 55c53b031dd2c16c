//! `marque token verify`

use marque_sdk::did;
use serde_json::json;

use crate::{
    context::Context,
    failure::Outcome,
    output,
    token::{
        check::{self, RequirementArgs},
        claims,
        source::TokenArgs,
    },
};

const EXAMPLES: &str = "\
Examples:
  marque token verify eyJhbGciOi… --issuer 0 --audience https://grid.example
  marque token verify token.jwt --issuer 0 --audience https://grid.example --scope meter:read

It verifies off chain, against the chain's finalized state, as a service does with the SDK's verifier. Who shows the token \
must still prove to have the key that it is bound to; `marque token present` looks at that too. Exit code 5: it is refused; \
with --json the error's `reason` says why. 3: what is known of the chain is too old to say.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    token: TokenArgs,
    #[command(flatten)]
    requirement: RequirementArgs,
}

/// Verifies a token off chain.
///
/// # Errors
/// When it is not good, nothing can be said of it, or the access contract can't be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let token = args.token.read()?.map_err(|error| error.as_refusal())?;
    let form = token.form();
    let token = token.into_signed().map_err(|error| error.as_refusal())?;
    let (_, access) = context.session_with_access().await?;
    let requirement = args.requirement.requirement();
    let (verified, view) = check::off_chain(&access, &token, &requirement).await??;
    let signed_by = verified.standing.signed_by;
    let result = json!({
        "verified": true,
        "form": form,
        "issuer": signed_by.issuer,
        "kid": signed_by.to_text(),
        "device": did::format_device_id(&verified.standing.device),
        "possession_proven": false,
        "block": view.block.number,
        "age_ms": view.age_ms,
        "claims": claims::json(&verified.claims),
    });
    context.output.result(&result, || {
        let head =
            format!("good: signed by {} and not revoked, as of block {}", signed_by.to_text(), view.block.number);
        let head = output::styled(output::GOOD, head);
        let note = "who shows it must still prove to have the key that it is bound to";
        format!("{head}\n{}\n{}", output::fields(&claims::fields(&verified.claims)), output::styled(output::DIM, note))
    })
}
