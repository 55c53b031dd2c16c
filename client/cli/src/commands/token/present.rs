//! `marque token present`

use marque_sdk::{
    account, did,
    primitives::{AccountId, token::Confirmation},
};
use serde_json::json;

use crate::{
    access::stage::who_acts,
    context::Context,
    failure::{Failure, Outcome},
    output,
    session::Session,
    token::{
        check::RequirementArgs,
        claims,
        source::{Token, TokenArgs},
    },
};

const EXAMPLES: &str = "\
Examples:
  marque token present token.cwt --issuer 0 --audience https://grid.example --scope meter:read
  marque token present token.cwt --issuer 0 --audience https://grid.example --as meter-1.key-1

It asks the access contract as a contract does that the device calls with this token: whether it would be let in. Nothing is \
submitted, nobody pays, and no key is needed. Exit code 5: it is refused; with --json the error's `reason` says why.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    token: TokenArgs,
    #[command(flatten)]
    requirement: RequirementArgs,
    /// Whose account presents it: the name of a key in the keystore, or an address [default: the key that it is bound to]
    #[arg(long = "as", value_name = "ACCOUNT")]
    presenter: Option<String>,
}

/// Shows a token to the access contract, as the device would.
///
/// # Errors
/// When it is refused, it is no CWT, or the access contract can't be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let token = args.token.read()?.map_err(|error| error.as_refusal())?;
    let Token::Cwt(signed, bytes) = token else {
        return Err(Failure::usage("contracts take CWTs, and this is a JWT")
            .hint("`marque token issue --cwt` issues one; `marque token verify` verifies a JWT"));
    };
    let (session, access) = context.session_with_access().await?;
    let presenter = presenter(&session, args.presenter.as_deref(), signed.claims.confirmation.as_ref())?;
    let requirement = args.requirement.requirement();
    let verified = access.verify(&bytes, &requirement, &presenter).await?;
    let result = json!({
        "accepted": true,
        "presenter": account::format(&presenter),
        "issuer": verified.standing.signed_by.issuer,
        "kid": verified.standing.signed_by.to_text(),
        "device": did::format_device_id(&verified.standing.device),
        "claims": claims::json(&verified.claims),
    });
    context.output.result(&result, || {
        let head = format!("a contract that requires this lets {} in", session.label(&presenter));
        format!("{}\n{}", output::styled(output::GOOD, head), output::fields(&claims::fields(&verified.claims)))
    })
}

/// Whom the user names, else the key that the token says it is bound to.
fn presenter(session: &Session, named: Option<&str>, confirmation: Option<&Confirmation>) -> Outcome<AccountId> {
    match (named, confirmation) {
        (Some(text), _) => session.account(text),
        (None, Some(Confirmation::Key(key))) => key.account().ok_or_else(who_acts),
        (None, _) => Err(who_acts()),
    }
}
