//! `marque issuer register`

use crate::{
    access::{
        args::{self, Acting, KeyArgs},
        stage,
    },
    context::Context,
    failure::Outcome,
};

const EXAMPLES: &str = "\
Examples:
  marque issuer register https://as.example/fleet --key as-2026 --as //Alice
  marque issuer register https://as.example/fleet --public-key z6Mk… --until 365d --as operations

It gets the next number, by which it is trusted and named from then on. The URL is what its tokens say in `iss`; \
nobody proves to own it.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Its issuer URL (RFC 8414)
    #[arg(value_name = "URL", value_parser = args::issuer_url)]
    issuer_url: String,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    acting: Acting,
}

/// Registers an authorization server, which is the actor's.
///
/// # Errors
/// When it is not plain who acts, or the access contract can't be reached or refuses.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let (session, access) = context.session_with_access().await?;
    let keys: Vec<_> = args.key.new_key(&session).await?.into_iter().collect();
    let actor = session.signer(args.acting.actor.as_deref().ok_or_else(stage::who_acts)?)?;
    let (issuer, receipt) = access.register_issuer(&*actor, &args.issuer_url, &keys).await?;
    stage::report(context, &session, &access, issuer, &receipt).await
}
