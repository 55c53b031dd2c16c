//! The members of a request, each bounded. What is `null` is as if it were not there (RFC 7592, section 2.2).

use serde_json::{Map, Value};

use super::RegistrationError;

/// The longest request, in bytes.
pub const REQUEST_BYTES_MAX: usize = 16 * 1024;

/// The members of a JSON object.
pub(super) struct Members(Map<String, Value>);

impl Members {
    /// Reads a request.
    pub(super) fn read(body: &[u8]) -> Result<Self, RegistrationError> {
        if body.len() > REQUEST_BYTES_MAX {
            return Err(refused("a registration has at most 16384 bytes"));
        }
        let mut members: Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| refused("a registration is a JSON object"))?;
        members.retain(|_, value| !value.is_null());
        Ok(Self(members))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text of 1 to this many characters that can be printed.
    pub(super) fn text(
        &self,
        name: &str,
        chars_max: usize,
        refusal: &'static str,
    ) -> Result<Option<&str>, RegistrationError> {
        self.get(name).map(|value| text_of(value, chars_max).ok_or(refused(refusal))).transpose()
    }

    /// Up to this many texts, each of 1 to so many characters; none where there is no list.
    pub(super) fn texts(
        &self,
        name: &str,
        count_max: usize,
        chars_max: usize,
        refusal: &'static str,
    ) -> Result<Vec<&str>, RegistrationError> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let list = value.as_array().filter(|list| list.len() <= count_max).ok_or(refused(refusal))?;
        list.iter().map(|item| text_of(item, chars_max).ok_or(refused(refusal))).collect()
    }

    /// Whether this is so; not, where nothing is said.
    pub(super) fn flag(&self, name: &str, refusal: &'static str) -> Result<bool, RegistrationError> {
        self.get(name).map_or(Ok(false), |value| value.as_bool().ok_or(refused(refusal)))
    }

    /// Whether this list is left out or empty.
    pub(super) fn is_empty_list(&self, name: &str) -> bool {
        self.get(name).is_none_or(|value| value.as_array().is_some_and(Vec::is_empty))
    }
}

pub(super) const fn refused(reason: &'static str) -> RegistrationError {
    RegistrationError::InvalidClientMetadata(reason)
}

fn text_of(value: &Value, chars_max: usize) -> Option<&str> {
    let is_good = |text: &&str| (1..=chars_max).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    value.as_str().filter(is_good)
}
