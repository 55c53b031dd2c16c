//! `marque`: identities for devices, on chain, and access for them.

mod access;
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
mod gateway;
mod keys;
mod log;
mod output;
mod past;
mod progress;
mod render;
mod session;
mod shown;
mod spec;
mod stop;
mod target;
mod token;
mod usage;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use failure::{Failure, Kind, Outcome};
use output::Output;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::end(error),
    };
    let output = Output::new(cli.global.json);
    if !cli.command.logs_by_itself() {
        log::start();
    }
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
