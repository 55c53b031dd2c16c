//! `marque`: identities for devices, on chain.

mod act;
mod bulk;
mod cli;
mod commands;
mod config;
mod context;
mod duration;
mod errors;
mod failure;
mod files;
mod keys;
mod output;
mod progress;
mod render;
mod session;
mod shown;
mod spec;
mod target;
mod usage;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use cli::Cli;
use failure::{Failure, Kind, Outcome};
use output::Output;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::end(error),
    };
    let output = Output::new(cli.global.json);
    start_log();
    match run(cli, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}

fn run(cli: Cli, output: Output) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Kind::Failed, format!("cannot start: {error}")))?;
    runtime.block_on(commands::run(cli, output))
}

/// What writes the node's whole address, with its credentials, into its diagnostics: heard of important things alone.
const TELL_ADDRESSES: [&str; 2] = ["jsonrpsee-client=info", "subxt-reconnecting-rpc-client=info"];

/// Diagnostics of the libraries, on stderr, where `RUST_LOG` asks for them.
fn start_log() {
    let Ok(filter) = EnvFilter::try_from_default_env() else { return };
    let quiet = TELL_ADDRESSES.into_iter().filter_map(|directive| directive.parse().ok());
    let filter = quiet.fold(filter, EnvFilter::add_directive);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
