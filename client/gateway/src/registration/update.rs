//! A client's changes to its own registration (RFC 7592, section 2.2).

use std::fmt;

use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    ClientMetadata, RegistrationError,
    members::{Members, refused},
};

/// What only the answer has: a client that sends it back takes it for something that it can change.
const ANSWERED: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

/// What a client's registration is to be from now on: all of it, and what is left out is no more.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientUpdate {
    /// The new metadata, for the same device.
    pub metadata: ClientMetadata,
    /// The secret that the client says it has. Where there is one, it must be one of the client's that count: it can't be changed so.
    pub client_secret: Option<Zeroizing<String>>,
}

impl ClientUpdate {
    /// Reads the body of a request by the client of this id, whose registration is this so far.
    ///
    /// # Errors
    /// [`RegistrationError::InvalidClientMetadata`] for what is no JSON object of at most 16 KiB, for another `client_id`, for members that
    /// only answers have; those of [`ClientMetadata::read`]; and for another device.
    pub fn read(body: &[u8], client_id: &str, registered: &ClientMetadata) -> Result<Self, RegistrationError> {
        let members = Members::read(body)?;
        if members.get("client_id").and_then(Value::as_str) != Some(client_id) {
            return Err(refused("client_id must be the one of this registration"));
        }
        if ANSWERED.iter().any(|name| members.get(name).is_some()) {
            return Err(refused(
                "leave out registration_access_token, registration_client_uri, client_secret_expires_at and client_id_issued_at",
            ));
        }
        let secret = members.text("client_secret", 256, "client_secret is a text of 1 to 256 characters")?;
        let client_secret = secret.map(|secret| Zeroizing::new(secret.to_owned()));
        let metadata = ClientMetadata::of(&members, registered.device.registry)?;
        if metadata.device != registered.device {
            return Err(refused("marque_device can't be changed: register another client for another device"));
        }
        Ok(Self { metadata, client_secret })
    }
}

impl fmt::Debug for ClientUpdate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ClientUpdate({:?}, ..)", self.metadata)
    }
}
