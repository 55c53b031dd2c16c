//! Passphrases, which keys are sealed with.

use std::{
    fmt,
    fs::File,
    io::{Error, ErrorKind, Read},
    path::Path,
};

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::KeyStoreError;

/// The longest passphrase file, in bytes. A longer one is refused: a passphrase that was cut would seal keys that nobody could open
/// with the whole of it.
pub const PASSPHRASE_FILE_BYTES_MAX: usize = 4096;

/// A passphrase. It is wiped when it is dropped, and never shown.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Passphrase(String);

impl Passphrase {
    /// A passphrase of this text.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The passphrase in a file: all of it but the line breaks at its end.
    ///
    /// # Errors
    /// [`KeyStoreError::Io`] when the file can't be read or is not UTF-8; [`KeyStoreError::PassphraseTooLong`].
    pub fn from_file(path: &Path) -> Result<Self, KeyStoreError> {
        let io = |source| KeyStoreError::Io { path: path.to_owned(), source };
        // With room for all of it from the start: what is moved as it grows leaves copies that nobody wipes.
        let mut bytes = Zeroizing::new(Vec::with_capacity(PASSPHRASE_FILE_BYTES_MAX + 1));
        let file = File::open(path).map_err(io)?;
        file.take(PASSPHRASE_FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() > PASSPHRASE_FILE_BYTES_MAX {
            return Err(KeyStoreError::PassphraseTooLong { path: path.to_owned() });
        }
        let text = std::str::from_utf8(&bytes).map_err(|error| io(Error::new(ErrorKind::InvalidData, error)))?;
        Ok(Self::from(text.trim_end_matches(['\n', '\r'])))
    }

    /// Whether it is empty.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<String> for Passphrase {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Passphrase {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(..)")
    }
}
