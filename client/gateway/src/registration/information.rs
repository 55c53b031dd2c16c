//! What a client is told of its registration (RFC 7591, section 3.2.1; RFC 7592, section 3).

use std::fmt;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{ClientAuthentication, ClientMetadata, access::registration_mac};
use crate::{MasterKey, Random, client::generate_secret, random};

/// What a new client is given, each secret shown this once. They are not shown otherwise.
pub struct NewCredentials {
    /// Its id.
    pub client_id: String,
    /// Its secret, if it authenticates with one.
    pub client_secret: Option<Zeroizing<String>>,
    /// What it may read and change its registration with.
    pub registration_access_token: Zeroizing<String>,
}

impl NewCredentials {
    /// Makes them; `None` without randomness.
    pub fn generate(authentication: &ClientAuthentication, random: &dyn Random) -> Option<Self> {
        let client_secret = match authentication.has_secret() {
            true => Some(generate_secret(random)?),
            false => None,
        };
        let registration_access_token = generate_secret(random)?;
        Some(Self { client_id: random::client_id(random)?, client_secret, registration_access_token })
    }

    /// What is kept of the secret, as of each secret of a client.
    pub fn secret_mac(&self, key: &MasterKey) -> Option<[u8; 32]> {
        key.mac(&self.client_id, self.client_secret.as_ref()?)
    }

    /// What is kept of the registration access token.
    pub fn registration_mac(&self, key: &MasterKey) -> Option<[u8; 32]> {
        registration_mac(&self.client_id, &self.registration_access_token, key)
    }
}

impl fmt::Debug for NewCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewCredentials({}, ..)", self.client_id)
    }
}

/// What the answer is made of. It has secrets, and is not shown.
#[derive(Clone, Copy)]
pub struct ClientInformation<'a> {
    /// The client's id.
    pub client_id: &'a str,
    /// When it was registered, in seconds since the Unix epoch.
    pub issued_s: u64,
    /// Its secret, where it was just made. It does not expire.
    pub client_secret: Option<&'a str>,
    /// Its registration access token, where it was just made.
    pub registration_access_token: Option<&'a str>,
    /// Where its registration can be read and changed.
    pub registration_client_uri: &'a str,
    /// What it says of itself.
    pub metadata: &'a ClientMetadata,
}

impl ClientInformation<'_> {
    /// The answer. It must not be cached.
    pub fn to_json(&self) -> Value {
        let mut members = self.metadata.to_json();
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        put("client_id", self.client_id.into());
        put("client_id_issued_at", self.issued_s.into());
        if let Some(secret) = self.client_secret {
            put("client_secret", secret.into());
            put("client_secret_expires_at", json!(0));
        }
        if let Some(token) = self.registration_access_token {
            put("registration_access_token", token.into());
        }
        put("registration_client_uri", self.registration_client_uri.into());
        members.into()
    }
}

impl fmt::Debug for ClientInformation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ClientInformation({}, ..)", self.client_id)
    }
}
