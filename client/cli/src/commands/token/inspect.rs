//! `marque token inspect`

use serde_json::json;

use crate::{
    context::Context,
    failure::Outcome,
    output,
    token::{claims, source::TokenArgs},
};

const EXAMPLES: &str = "\
Examples:
  marque token inspect eyJhbGciOi…
  marque token inspect token.jwt --json | jq .claims
  marque token issue meter-1 --issuer 0 --audience https://grid.example | marque token inspect -

It reads JWTs, and CWTs as bytes, in base64url and in hexadecimal. It asks nobody and verifies nothing.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    token: TokenArgs,
}

/// Shows what a token says, without believing it.
///
/// # Errors
/// When it is no token, or can't be read.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let token = args.token.read()?.map_err(|error| error.as_input())?;
    let key_id = token.key_id();
    let result = json!({
        "verified": false,
        "form": token.form(),
        "alg": token.algorithm(),
        "kid": key_id,
        "claims": claims::json(token.claims()),
    });
    context.output.result(&result, || {
        let warning = "NOT VERIFIED: anybody can write this. `marque token verify` says whether it is good.";
        let mut fields = vec![
            ("form", format!("{}, signed with {}", token.form().to_uppercase(), token.algorithm())),
            ("key", key_id.clone()),
        ];
        fields.extend(claims::fields(token.claims()));
        format!("{}\n{}", output::styled(output::CAREFUL, warning), output::fields(&fields))
    })
}
