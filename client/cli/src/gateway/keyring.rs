//! The keyring of the operating system: the kernel's on Linux, which a restart of the machine empties; the keychain on macOS; the
//! credential manager on Windows.

use std::sync::Arc;

use keyring_core::{Entry, Error, api::CredentialStore};
use zeroize::Zeroizing;

use crate::failure::{Failure, Kind, Outcome};

/// Under what all entries are.
const SERVICE: &str = "marque-gateway";

/// Reads what is kept under a name.
///
/// # Errors
/// When there is none, or no keyring.
pub fn read(name: &str) -> Outcome<Zeroizing<String>> {
    match entry(name)?.get_password() {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(Error::NoEntry) => Err(none()),
        Err(error) => Err(unusable(&error)),
    }
}

/// Keeps something under a name that nothing is kept under.
///
/// # Errors
/// When there is something, or no keyring.
pub fn keep(name: &str, text: &str) -> Outcome {
    let entry = entry(name)?;
    match entry.get_password().map(Zeroizing::new) {
        Ok(_) => Err(Failure::local("the keyring has a master key of this name already").hint("choose another name")),
        Err(Error::NoEntry) => entry.set_password(text).map_err(|error| unusable(&error)),
        Err(error) => Err(unusable(&error)),
    }
}

fn entry(name: &str) -> Outcome<Entry> {
    let store = store().map_err(|error| unusable(&error))?;
    Entry::new_in_store(&store, SERVICE, name).map_err(|error| unusable(&error))
}

#[cfg(target_os = "linux")]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(linux_keyutils_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "windows")]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Error::NotSupportedByStore("there is no keyring for this system".into()))
}

fn none() -> Failure {
    Failure::new(Kind::NotFound, "the keyring has no master key of this name")
        .hint("`marque gateway init --keyring <name>` makes one; on Linux a restart of the machine empties the keyring")
}

fn unusable(error: &Error) -> Failure {
    Failure::local(format!("the system's keyring can't be used: {error}"))
        .hint("keep the master key in a file: `marque gateway init <folder>`")
}
