//! `marque events`

use std::pin::pin;

use futures::TryStreamExt;
use marque_sdk::{
    AccessEvent, RegistryEvent,
    access::AnyEvent,
    did,
    primitives::{AccountId, DeviceId, access::IssuerId},
};

use crate::{access, context::Context, failure::Outcome, output, past::Source, render, session::Session, shown};

const EXAMPLES: &str = "\
Examples:
  marque events                     what has happened since the chain began
  marque events --from 1200         since block 1200
  marque events --follow            and what happens, until you stop it
  marque events --follow --device meter-1 --json
  marque events --issuer 0          those of one authorization server

Changes of devices come from the registry, those of authorization servers from the access contract, if one is known.";

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
    /// Those of one device, and what was granted to it and withdrawn
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
    /// Those of one authorization server
    #[arg(long, value_name = "NUMBER", conflicts_with = "device")]
    issuer: Option<IssuerId>,
}

/// Which events are wanted.
enum Only {
    All,
    Device(DeviceId),
    Issuer(IssuerId),
}

impl Only {
    fn takes(&self, event: &AnyEvent) -> bool {
        match (self, event) {
            (Self::All, _) => true,
            (Self::Device(only), AnyEvent::Registry(event)) => event.device == *only,
            (Self::Device(only), AnyEvent::Access(event)) => {
                access::render::device_of(&event.entry.change) == Some(only)
            }
            (Self::Issuer(only), AnyEvent::Access(event)) => event.issuer == *only,
            (Self::Issuer(_), AnyEvent::Registry(_)) => false,
        }
    }
}

/// Prints events, a line for each, in the order of the chain.
///
/// # Errors
/// When the registry cannot be reached.
pub async fn run(context: &Context, args: Args) -> Outcome {
    let session = context.session().await?;
    let only = match (&args.device, args.issuer) {
        (Some(device), _) => Only::Device(session.target(device)?.device),
        (None, Some(issuer)) => Only::Issuer(issuer),
        (None, None) => Only::All,
    };
    let source = match context.access_of(&session.registry).await? {
        Some(access) => Source::Both(access),
        None => Source::Registry(session.registry.clone()),
    };
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
    let mut events = if args.follow { source.follow(from) } else { source.past(from, head) };
    loop {
        let next = tokio::select! {
            next = events.try_next() => next?,
            _ = &mut interrupt => return Ok(()),
        };
        let Some(event) = next else { return Ok(()) };
        if only.takes(&event) {
            match event {
                AnyEvent::Registry(event) => print(context, &session, &event)?,
                AnyEvent::Access(event) => print_access(context, &session, &event)?,
            }
        }
    }
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

fn print_access(context: &Context, session: &Session, event: &AccessEvent) -> Outcome {
    let AccessEvent { issuer, entry, block, .. } = event;
    let block = block.number;
    context.output.result(&access::render::entry_json(*issuer, block, entry), || {
        let what = access::render::change(&entry.change, session);
        let time = output::styled(output::DIM, did::format_time(entry.at_ms));
        let who = output::styled(output::BOLD, format!("authorization server {issuer}"));
        format!("{time}  {block:>6}  {who}  {what}  by {}", session.label(&entry.actor))
    })
}
