//! Where a gateway gets its master key from.

use std::path::PathBuf;

use marque_gateway::MasterKey;
use zeroize::Zeroizing;

use crate::{
    failure::{Failure, Outcome},
    gateway::{keyring, master_key},
    shown,
};

/// Where the master key is.
#[derive(clap::Args, Debug)]
pub struct MasterKeyArgs {
    /// The file with the master key, which nobody else may read; else MARQUE_GATEWAY_MASTER_KEY: see `marque gateway init`
    #[arg(long, value_name = "FILE", conflicts_with = "master_key_keyring")]
    master_key_file: Option<PathBuf>,
    /// The name of the master key in the system's keyring
    #[arg(long, value_name = "NAME")]
    master_key_keyring: Option<String>,
}

impl MasterKeyArgs {
    /// Reads the master key.
    ///
    /// # Errors
    /// When there is none.
    pub fn read(&self) -> Outcome<MasterKey> {
        if let Some(path) = &self.master_key_file {
            shown::ensure_path("--master-key-file", path)?;
            return master_key::from_file(path);
        }
        if let Some(name) = &self.master_key_keyring {
            return master_key::parse(&keyring::read(name)?);
        }
        match std::env::var(master_key::VARIABLE).map(Zeroizing::new) {
            Ok(text) => master_key::parse(&text),
            Err(_) => Err(Failure::usage("which master key? None is given").hint(
                "name its file with --master-key-file, or set MARQUE_GATEWAY_MASTER_KEY; `marque gateway init <folder>` makes one",
            )),
        }
    }
}
