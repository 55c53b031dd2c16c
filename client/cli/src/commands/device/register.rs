//! `marque device register`

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use marque_sdk::primitives::{Controller, Operation, Service, bounds};

use crate::{
    act::{Acting, Stage, Subject},
    bulk,
    context::Context,
    failure::{Failure, Outcome},
    shown, spec,
};

/// For how long the registrations of a file, and for one, are good.
const BULK_DEADLINE_MS: u64 = 12 * 60 * 60 * 1000;

const EXAMPLES: &str = "\
Examples:
  marque device register meter-1 --sponsor //Alice --controller //Alice
  marque device register meter-1 --service api,HttpApi,https://meter-1.example/
  marque device register --file devices.csv --sponsor //Alice --controller //Alice
  marque device register meter-1 --sign-only --sponsor 5Grw… >> signed.jsonl    where the key is

A file has a header with some of the columns name, controller, services, metadata:
  name,controller,services
  meter-1,self,\"api,HttpApi,https://meter-1.example/\"
or is JSON Lines of the same:
  {\"name\":\"meter-1\",\"services\":[{\"id\":\"api\",\"type\":\"HttpApi\",\"endpoint\":\"https://…\"}]}
Keys that are not in the keystore are made. Instead of a name, a row may have an operation: a registration that was \
signed elsewhere with --sign-only.

What is done is kept in <file>.marque-progress: after an interruption, run the same command again. Rows that fail are in \
<file>.errors.jsonl. Ctrl-C stops when the transactions under way are through, and a second one at once.";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The device: its name in the keystore, see `marque device new`
    #[arg(value_name = "DEVICE", required_unless_present = "file")]
    device: Option<String>,
    #[command(flatten)]
    acting: Acting,
    /// Who is to control it: an address, the name of a key in the keystore, //Alice, or `self` for the device
    #[arg(long, value_name = "ACCOUNT", default_value = "self")]
    controller: String,
    /// Hash of what you keep about the device elsewhere
    #[arg(long, value_name = "HEX", value_parser = spec::hash, conflicts_with = "file")]
    metadata_hash: Option<[u8; 32]>,
    /// A service; may be given several times
    #[arg(long, value_name = "ID,TYPE,ENDPOINT", value_parser = spec::service, conflicts_with = "file")]
    service: Vec<Service>,
    /// Registers all devices of a file: .csv or .jsonl
    #[arg(long, value_name = "FILE", conflicts_with = "device")]
    file: Option<PathBuf>,
    /// Does not submit: prints the signed registration as a row for a .jsonl file, good for 12 hours
    #[arg(long, conflicts_with = "file")]
    sign_only: bool,
    /// Devices in one transaction, with --file
    #[arg(long, value_name = "COUNT", default_value_t = 32,
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=bounds::BATCH_MAX as u64))]
    batch_size: usize,
    /// Transactions under way at once, with --file
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = RangedU64ValueParser::<usize>::new().range(1..=32))]
    in_flight: usize,
}

/// Registers a device, or all of a file.
///
/// # Errors
/// When the registry cannot be reached or refuses, or an account can't pay.
pub async fn run(context: &Context, args: Args) -> Outcome {
    if let Some(file) = args.file {
        let options = bulk::Options { file, batch_size: args.batch_size, in_flight: args.in_flight };
        return from_file(context, &args.acting, &args.controller, &options).await;
    }
    let device = args.device.ok_or_else(|| Failure::usage("which device? Give its name, or a --file"))?;
    let stage = Stage::open(context, &Subject { device, acting: args.acting }).await?;
    let controller: Controller = stage.session.controller(&args.controller)?;
    let operation =
        Operation::Register { controller, metadata: args.metadata_hash, keys: Vec::new(), services: args.service };
    if args.sign_only {
        return stage.sign_only(operation, BULK_DEADLINE_MS).await;
    }
    stage.perform(operation).await
}

async fn from_file(context: &Context, acting: &Acting, controller: &str, options: &bulk::Options) -> Outcome {
    let payer = acting
        .sponsor
        .as_deref()
        .or(acting.actor.as_deref())
        .ok_or_else(|| Failure::usage("who pays for the registrations?").hint("say it with --sponsor <account>"))?;
    shown::ensure_path("--file", &options.file)?;
    let session = context.session().await?;
    let sponsor = session.signer(payer)?;
    let controller = session.controller(controller)?;
    let deadline_ms = session.chain().time_ahead_ms(BULK_DEADLINE_MS, bounds::DEADLINE_AHEAD_MAX_MS).await?;
    let work = bulk::Work { session, sponsor, controller, deadline_ms };
    bulk::run(context, work, options).await
}
