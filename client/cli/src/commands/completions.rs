//! `marque completions`

use clap::CommandFactory;

use crate::{cli::Cli, failure::Outcome};

const EXAMPLES: &str = "\
Examples:
  marque completions bash > ~/.local/share/bash-completion/completions/marque
  marque completions zsh  > ~/.zfunc/_marque
  marque completions fish > ~/.config/fish/completions/marque.fish";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Prints the completions.
///
/// # Errors
/// When stdout cannot be written.
pub fn run(args: &Args) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "marque", &mut script);
    let mut stdout = std::io::stdout().lock();
    std::io::Write::write_all(&mut stdout, &script)?;
    std::io::Write::flush(&mut stdout)?;
    Ok(())
}
