//! Measures what the contracts cost on drink's chain and writes docs/costs.md, or with `--check` compares it.
//!
//! Keys, times and blocks are fixed, so that the same bundles give the same numbers everywhere.

mod document;
mod measure;

use std::{env, fs, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/costs.md");
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => write(&path),
        ["--check"] => check(&path),
        _ => {
            eprintln!("usage: costs [--check]");
            ExitCode::from(2)
        }
    }
}

fn write(path: &PathBuf) -> ExitCode {
    let text = document::render(&measure::all());
    match fs::write(path, &text) {
        Ok(()) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

fn check(path: &PathBuf) -> ExitCode {
    let committed = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    };
    let measured = document::render(&measure::all());
    if committed == measured {
        println!("docs/costs.md is what is measured");
        return ExitCode::SUCCESS;
    }
    print_difference(&committed, &measured);
    eprintln!("docs/costs.md is not what is measured: run scripts/bench costs and commit the file");
    ExitCode::FAILURE
}

/// The lines that only one of them has. Enough here: each line of the tables is named and occurs once.
fn print_difference(committed: &str, measured: &str) {
    let only_in = |text: &str, other: &str, sign: char| {
        for line in text.lines().filter(|line| !other.lines().any(|theirs| theirs == *line)) {
            println!("{sign}{line}");
        }
    };
    only_in(committed, measured, '-');
    only_in(measured, committed, '+');
}
