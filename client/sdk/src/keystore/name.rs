//! Names of keys, which are also names of files.

use std::{fmt, str::FromStr};

use super::KeyStoreError;

/// The longest name of a key, in bytes.
pub const KEY_NAME_BYTES_MAX: usize = 64;

/// The name of a key: 1 to 64 of `A–Z a–z 0–9 . _ -`, without a leading dot. It is safe as a file name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyName(String);

impl KeyName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for KeyName {
    type Err = KeyStoreError;

    fn from_str(text: &str) -> Result<Self, KeyStoreError> {
        let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_valid =
            (1..=KEY_NAME_BYTES_MAX).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(is_name_byte);
        if is_valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyStoreError::InvalidName { name: text.chars().take(KEY_NAME_BYTES_MAX).collect() })
        }
    }
}
