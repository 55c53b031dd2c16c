//! Runs a command against a chain of its own: `with_chain embedded|node COMMAND [ARGUMENT…]`.
//!
//! `{url}` in an argument stands for where the chain listens. Ends as the command does; the chain ends with it.

use std::{
    env,
    process::{Command, ExitCode},
};

use marque_e2e_tests::Backend;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(chain), Some(program)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: with_chain embedded|node COMMAND [ARGUMENT…]");
        return ExitCode::from(2);
    };
    let backend = match chain.as_str() {
        "embedded" => Backend::embedded().await,
        "node" => Backend::node().await,
        other => {
            eprintln!("error: no chain is called '{other}': say embedded or node");
            return ExitCode::from(2);
        }
    };
    let filled: Vec<String> = arguments.map(|argument| argument.replace("{url}", backend.url())).collect();
    let ended = tokio::task::spawn_blocking(move || Command::new(program).args(filled).status()).await;
    backend.stop().await;
    match ended {
        Ok(Ok(status)) if status.success() => ExitCode::SUCCESS,
        Ok(Ok(status)) => {
            eprintln!("error: the command ended with {status}");
            ExitCode::FAILURE
        }
        Ok(Err(error)) => {
            eprintln!("error: the command can't be run: {error}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
