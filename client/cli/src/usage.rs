//! Arguments that make no sense: what is said of them.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::{
    failure::{Failure, Kind},
    output::Output,
    shown,
};

/// Prints the help or the version, or what is wrong with the arguments: as JSON too, if that was asked for.
pub fn end(mut error: clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Whoever reads the help may have seen enough.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    hide_secrets(&mut error);
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

/// Takes out of the error what the user gave and should not be repeated.
fn hide_secrets(error: &mut clap::Error) {
    let kind = match error.kind() {
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        _ => ContextKind::InvalidValue,
    };
    let Some(ContextValue::String(given)) = error.get(kind) else { return };
    // One word too many may be the second of a phrase without quotes.
    let is_surplus = error.kind() == ErrorKind::UnknownArgument && !given.starts_with('-');
    let shown = if is_surplus { shown::HIDDEN } else { shown::value(given) };
    if shown != given {
        error.insert(kind, ContextValue::String(shown.to_owned()));
        // The tip on how to pass it as a value has it again.
        error.remove(ContextKind::Suggested);
    }
}
