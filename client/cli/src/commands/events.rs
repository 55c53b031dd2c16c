//! `marque events`

use std::pin::pin;

use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use marque_sdk::{BlockRef, HistoryError, Registry, RegistryEvent, did, primitives::AccountId};

use crate::{context::Context, failure::Outcome, output, render, session::Session, shown};

const EXAMPLES: &str = "\
Examples:
  marque events                     what has happened since the chain began
  marque events --from 1200         since block 1200
  marque events --follow            and what happens, until you stop it
  marque events --follow --device meter-1 --json";

/// Blocks that are fetched ahead.
const BLOCKS_AHEAD: usize = 8;

type Events = BoxStream<'static, Result<RegistryEvent, HistoryError>>;

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Goes on with what happens, until it is stopped
    #[arg(long, short)]
    follow: bool,
    /// From this block on [default: the first; with --follow: the next]
    #[arg(long, value_name = "BLOCK")]
    from: Option<u32>,
    /// Those of one device
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
}

/// Prints events, a line for each, in the order of the chain.
///
/// # Errors
/// When the registry cannot be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let session = context.session().await?;
    let only = args.device.as_deref().map(|text| session.target(text)).transpose()?.map(|target| target.device);
    let head = session.chain().finalized().await?.number;
    let from = args.from.unwrap_or(if args.follow { head.saturating_add(1) } else { 1 });
    if args.follow && !context.output.is_json() {
        context.output.note(&output::styled(
            output::DIM,
            format!("following {} from block {from}; stop with Ctrl-C", shown::url(session.chain().url())),
        ));
    }
    if from > head && !args.follow {
        context.output.note(&format!("nothing yet: the last finalized block is {head}"));
        return Ok(());
    }
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let mut events =
        if args.follow { session.registry.events(from).boxed() } else { past(&session.registry, from, head) };
    loop {
        let next = tokio::select! {
            next = events.try_next() => next?,
            _ = &mut interrupt => return Ok(()),
        };
        let Some(event) = next else { return Ok(()) };
        if only.is_none_or(|only| only == event.device) {
            print(context, &session, &event)?;
        }
    }
}

/// What is in the blocks up to the last finalized one.
fn past(registry: &Registry, from: u32, head: u32) -> Events {
    let registry = registry.clone();
    let blocks = stream::iter(from..=head).map(move |number| {
        let registry = registry.clone();
        async move {
            let hash = registry.chain().block_hash(number).await?;
            registry.events_in(BlockRef { number, hash }).await
        }
    });
    blocks.buffered(BLOCKS_AHEAD).map_ok(|events| stream::iter(events).map(Ok)).try_flatten().boxed()
}

fn print(context: &Context, session: &Session, event: &RegistryEvent) -> Outcome {
    let RegistryEvent { device, entry, block, .. } = event;
    let block = block.number;
    let id = did::format_device_id(device);
    context.output.result(&render::entry_json(&id, block, entry), || {
        let label = |account: &AccountId| session.label(account);
        let what = render::change(&entry.change, &label);
        let time = output::styled(output::DIM, did::format_time(entry.at_ms));
        format!(
            "{time}  {block:>6}  {}  {what}  by {}",
            output::styled(output::BOLD, session.device_label(device)),
            label(&entry.actor)
        )
    })
}
