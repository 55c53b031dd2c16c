//! `marque gateway init`

use std::path::PathBuf;

use serde_json::json;

use crate::{
    context::Context,
    failure::{Failure, Outcome},
    gateway::{keyring, master_key},
    output, shown,
};

const EXAMPLES: &str = "\
Examples:
  marque gateway init ./gateway                  ./gateway/master.key, for its owner alone
  marque gateway init --keyring grid             in the system's keyring, which on Linux a restart empties

Clients' secrets and signing keys are kept under the master key. Who has it and the database has all of them: keep it apart from the \
database and its backups, and keep a copy of it, because nothing can be read without it.";

/// The file of the master key.
const FILE: &str = "master.key";

/// The arguments.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[group(required = true, multiple = false)]
pub struct Args {
    /// The folder that the master key is made in
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Keeps the master key in the system's keyring, under this name
    #[arg(long, value_name = "NAME")]
    keyring: Option<String>,
}

/// Makes a master key.
///
/// # Errors
/// When there is one already, or it can't be kept.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let key = master_key::make()?;
    let (place, option) = match (&args.folder, &args.keyring) {
        (Some(folder), _) => {
            shown::ensure_path("the folder", folder)?;
            let path = folder.join(FILE);
            master_key::write(&path, &key)?;
            let path = path.display().to_string();
            (path.clone(), format!("--master-key-file {path}"))
        }
        (None, Some(name)) => {
            ensure_name(name)?;
            keyring::keep(name, &key)?;
            (format!("the system's keyring, as {name}"), format!("--master-key-keyring {name}"))
        }
        (None, None) => return Err(Failure::usage("where to? Name a folder, or a name in the system's keyring")),
    };
    let result = json!({ "master_key": place, "option": option });
    context.output.result(&result, || format!("{}\n\n{}", output::fields(&[("master key", place)]), next(&option)))
}

fn ensure_name(name: &str) -> Outcome {
    if shown::looks_like_secret(name) {
        return Err(Failure::usage("what is given as a name in the keyring looks like a secret"));
    }
    Ok(())
}

fn next(option: &str) -> String {
    let title = output::styled(output::BOLD, "Next:");
    format!(
        "{title}
  marque issuer register https://gateway.example/oauth2/default --as <owner>
  marque gateway serve --data ./data {option} \\
    --server default=0 --key <owner> --tls-cert cert.pem --tls-key key.pem --first-token ./first-token
  marque gateway login --gateway https://gateway.example --token-file ./first-token"
    )
}
