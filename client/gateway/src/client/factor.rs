//! What a client proved in a request, for policies that want more than one proof.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// One thing that a client proved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// That it has a key of its DID, which is on the chain.
    DeviceKey,
    /// That it has a key which is registered for the app (RFC 7523).
    RegisteredKey,
    /// That it knows the app's secret.
    Secret,
    /// That it has the key of a certificate which is bound to the client (RFC 8705).
    Certificate,
}

/// Some of them, each once: as JSON, an array of their names.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Factors(BTreeSet<Factor>);

impl Factors {
    /// The first of the required ones that is not among these; `None` where all are.
    pub fn first_missing(&self, required: &Self) -> Option<Factor> {
        required.0.difference(&self.0).next().copied()
    }

    /// One more.
    pub fn insert(&mut self, factor: Factor) {
        self.0.insert(factor);
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Factor> {
        self.0.iter().copied()
    }
}

impl FromIterator<Factor> for Factors {
    fn from_iter<I: IntoIterator<Item = Factor>>(factors: I) -> Self {
        Self(factors.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &str) -> Factors {
        serde_json::from_str(names).unwrap()
    }

    #[test]
    fn all_that_is_required_must_be_proved() {
        let (key, both) = (of(r#"["device_key"]"#), of(r#"["certificate","device_key"]"#));
        assert_eq!(both.first_missing(&key), None, "more is good too");
        assert_eq!(both.first_missing(&both), None);
        assert_eq!(key.first_missing(&both), Some(Factor::Certificate));
        assert_eq!(key.first_missing(&Factors::default()), None, "nothing is required");
        assert_eq!(of("[]").first_missing(&of(r#"["secret","registered_key"]"#)), Some(Factor::RegisteredKey));
    }

    #[test]
    fn they_have_one_form() {
        let mut factors: Factors = [Factor::Certificate, Factor::Secret, Factor::Certificate].into_iter().collect();
        assert_eq!(serde_json::to_string(&factors).unwrap(), r#"["secret","certificate"]"#);
        factors.insert(Factor::DeviceKey);
        assert_eq!(factors.iter().next(), Some(Factor::DeviceKey));
        assert!(serde_json::from_str::<Factors>(r#"["password"]"#).is_err());
    }
}
