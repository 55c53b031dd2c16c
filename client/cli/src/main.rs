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
mod spec;
mod target;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use failure::{Failure, Kind, Outcome};
use output::Output;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
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

/// Help and version, or arguments that make no sense: as JSON too, if that was asked for.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Whoever reads the help may have seen enough.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if std::env::args_os().any(|argument| argument == "--json") {
        let text = error.render().to_string();
        let message = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default().trim();
        Output::new(true).failure(&Failure::usage(message).hint("see `marque --help`"));
    } else {
        // Nobody to tell when stderr is gone.
        let _ = error.print();
    }
    ExitCode::from(Kind::Usage.exit_code())
}

/// Diagnostics of the libraries, on stderr, where `RUST_LOG` asks for them.
fn start_log() {
    let Ok(filter) = tracing_subscriber::EnvFilter::try_from_default_env() else { return };
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
