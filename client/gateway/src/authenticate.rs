//! Finding out who asks, for each endpoint that clients authenticate at; and writing down what they did.

use marque_sdk::{BlockRef, did::Did, primitives::DeviceId};

use crate::{
    Assertion, AssertionError, Claimed, Client, Credentials, Expected, Form, OAuthError,
    gateway::Gateway,
    log::{Caller, Event, EventType},
    random,
    server::Server,
};

/// A request to an endpoint that clients authenticate at, once its body was read.
pub(crate) struct ClientRequest {
    pub(crate) form: Result<Form, OAuthError>,
    /// The header `Authorization`.
    pub(crate) authorization: Option<zeroize::Zeroizing<String>>,
    pub(crate) caller: Caller,
}

impl ClientRequest {
    pub(crate) fn authorization(&self) -> Option<&str> {
        self.authorization.as_ref().map(|header| header.as_str())
    }
}

/// What came to light about a request, for the log.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    pub(crate) client_id: Option<String>,
    pub(crate) token_id: Option<String>,
    pub(crate) details: serde_json::Map<String, serde_json::Value>,
}

/// Wrong, unknown and missing secrets look alike.
const WRONG_SECRET: OAuthError = OAuthError::InvalidClient("the client is unknown, or its secret is wrong");

impl Gateway {
    /// Finds out who asks. An assertion is used up as soon as it is known to be the device's.
    pub(crate) async fn authenticate(
        &self,
        server: &Server,
        form: &Form,
        credentials: &Credentials,
        block: BlockRef,
        trail: &mut Trail,
    ) -> Result<Client, OAuthError> {
        match credentials {
            Credentials::Assertion(assertion) => self.by_assertion(server, form, assertion, block, trail).await,
            Credentials::Secret { client_id, secret } => {
                trail.client_id = Some(client_id.clone());
                self.by_secret(client_id, secret).await
            }
            Credentials::ClientId(_) => Err(OAuthError::InvalidClient("the client did not authenticate")),
        }
    }

    async fn by_assertion(
        &self,
        server: &Server,
        form: &Form,
        assertion: &str,
        block: BlockRef,
        trail: &mut Trail,
    ) -> Result<Client, OAuthError> {
        let now_ms = self.now_ms();
        let expected = Expected {
            client_id: form.get("client_id"),
            audiences: [&server.token_endpoint, &server.url],
            registry: self.parts.directory.registry(),
            allows_apps: false,
            now_ms,
            skew_max_ms: self.parts.skew_max_ms,
        };
        let assertion = Assertion::read(assertion, &expected)?;
        let Claimed::Device(did) = assertion.claimed else { return Err(AssertionError::WrongClient.into()) };
        let (id, device) = (did.to_string(), did.device);
        trail.client_id = Some(id.clone());
        let key = assertion.verify(self.parts.directory.device(device, block).await?.as_ref())?;
        if !self.parts.store.use_assertion(assertion.used_id, assertion.expires_ms, now_ms).await? {
            return Err(AssertionError::Replayed.into());
        }
        Ok(Client { id, device, key: Some(key) })
    }

    async fn by_secret(&self, client_id: &str, secret: &str) -> Result<Client, OAuthError> {
        let client = self.parts.store.client(client_id).await?.ok_or(WRONG_SECRET)?;
        let mac = self.parts.master_key.mac(client_id, secret).ok_or(OAuthError::Server)?;
        if client.has_secret(&mac) {
            Ok(Client { id: client.id, device: client.device, key: None })
        } else {
            Err(WRONG_SECRET)
        }
    }

    /// The DID of a device of the registry that is served.
    pub(crate) fn did(&self, device: DeviceId) -> Did {
        Did::new(self.parts.directory.registry(), device)
    }

    /// Writes down what became of a request.
    pub(crate) async fn write_down(
        &self,
        event_type: EventType,
        server: Option<&str>,
        caller: &Caller,
        trail: Trail,
        error: Option<&OAuthError>,
    ) -> Result<(), OAuthError> {
        let event = Event {
            event_type: match error {
                Some(OAuthError::InvalidClient(_)) => EventType::InvalidCredentials,
                _ => event_type,
            },
            server,
            client_id: trail.client_id.as_deref(),
            caller,
            failure: error.map(|error| (error.code(), error.to_string())),
            token_id: trail.token_id.as_deref(),
            details: trail.details,
        };
        let now_ms = self.now_ms();
        let uuid = random::uuid(&*self.parts.random).ok_or(OAuthError::Server)?;
        Ok(self.parts.store.append(event.to_json(&uuid, now_ms).to_string(), now_ms).await?)
    }
}
