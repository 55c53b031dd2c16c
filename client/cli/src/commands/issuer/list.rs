//! `marque issuer list`

use futures::{StreamExt, TryStreamExt, stream};

use super::show::record_json;
use crate::{access::render, context::Context, failure::Outcome};

const EXAMPLES: &str = "\
Examples:
  marque issuer list                     a line for each, in the order of their numbers
  marque issuer list --json | jq .url";

/// Reads that are under way at once.
const READS_AHEAD: usize = 8;

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

/// Lists all authorization servers.
///
/// # Errors
/// When the access contract can't be reached.
pub async fn run(context: &Context, _args: Args) -> Outcome {
    let (session, access) = context.session_with_access().await?;
    let next = access.info().await?.next_issuer;
    let reads = stream::iter(0..next).map(|number| {
        let access = access.clone();
        async move { access.issuer(number).await.map(|record| (number, record)) }
    });
    let mut reads = reads.buffered(READS_AHEAD);
    while let Some((number, record)) = reads.try_next().await? {
        let Some(record) = record else { continue };
        context.output.result(&record_json(number, &record), || {
            let status = render::styled_status(record.status);
            format!("{number}  {status}  {}  of {}", record.url, session.label(&record.owner))
        })?;
    }
    Ok(())
}
