//! Diagnostics of the libraries, on stderr, where `RUST_LOG` asks for them.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;

use crate::shown;

/// What takes a node's address apart and writes its credentials by themselves: heard of important things alone.
const TELL_CREDENTIALS: [&str; 2] = ["jsonrpsee-client=info", "subxt-reconnecting-rpc-client=info"];

/// What is logged where nothing is said, and by a command that goes on for long.
const USUAL: &str = "info";

/// The directives of `RUST_LOG`, or the usual ones, for a command that sets up its own log.
pub fn directives() -> String {
    let asked = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|asked| !asked.trim().is_empty());
    let quiet = TELL_CREDENTIALS.into_iter().map(ToOwned::to_owned);
    [asked.unwrap_or_else(|| USUAL.to_owned())].into_iter().chain(quiet).collect::<Vec<_>>().join(",")
}

/// Begins.
pub fn start() {
    let Ok(filter) = EnvFilter::try_from_default_env() else { return };
    let quiet = TELL_CREDENTIALS.into_iter().filter_map(|directive| directive.parse().ok());
    let filter = quiet.fold(filter, EnvFilter::add_directive);
    // Colours would stick to the addresses that are looked for.
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    log.with_writer(|| WithoutCredentials(io::stderr())).init();
}

/// Writes each entry, which comes in one piece, with the addresses in it as they are shown.
pub struct WithoutCredentials<W>(pub W);

impl<W: Write> Write for WithoutCredentials<W> {
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        self.0.write_all(shown::urls_in(&String::from_utf8_lossy(entry)).as_bytes())?;
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_of_a_connection_has_no_credentials() {
        let mut written = Vec::new();
        let entry =
            "WARN lost url=\"ws://user:pass@host:1/?token=abc\" error=no node answers at ws://user:pass@host:1/key\n";
        WithoutCredentials(&mut written).write_all(entry.as_bytes()).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert_eq!(written, "WARN lost url=\"ws://host:1/…\" error=no node answers at ws://host:1/…\n");
    }
}
