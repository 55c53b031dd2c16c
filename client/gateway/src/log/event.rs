//! Events, in the shape that Okta's System Log has. No secret and no token is in one: tokens are named by their ids.

use std::net::IpAddr;

use marque_sdk::{did::format_time, primitives::TimestampMs};
use serde_json::{Map, Value, json};

/// The longest `User-Agent` that is written down, in characters.
const USER_AGENT_CHARS_MAX: usize = 256;

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventType {
    /// An access token was asked for.
    TokenGranted,
    /// A token was to be revoked.
    TokenRevoked,
    /// A secret was made for a client.
    SecretCreated,
    /// A secret of a client counts no more.
    SecretDeactivated,
    /// A secret of a client was deleted.
    SecretDeleted,
    /// A client did not prove who it is.
    InvalidCredentials,
}

/// From where a request came, as far as that is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Caller {
    /// The address of who is connected, which may be a proxy.
    pub address: Option<IpAddr>,
    /// What it says that it is.
    pub user_agent: Option<String>,
}

/// Something that happened.
#[derive(Clone, PartialEq, Debug)]
pub struct Event<'a> {
    /// What.
    pub event_type: EventType,
    /// At which authorization server, if at one.
    pub server: Option<&'a str>,
    /// By whom, as far as a client said who it is in a form that can be one.
    pub client_id: Option<&'a str>,
    /// From where.
    pub caller: &'a Caller,
    /// Why it failed, if it did: an error code, and what it means.
    pub failure: Option<(&'static str, String)>,
    /// The id of the token that it is about.
    pub token_id: Option<&'a str>,
    /// What else was asked for and given.
    pub details: Map<String, Value>,
}

impl EventType {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TokenGranted => "app.oauth2.as.token.grant.access_token",
            Self::TokenRevoked => "app.oauth2.as.token.revoke",
            Self::SecretCreated => "app.oauth2.credentials.lifecycle.create",
            Self::SecretDeactivated => "app.oauth2.credentials.lifecycle.deactivate",
            Self::SecretDeleted => "app.oauth2.credentials.lifecycle.delete",
            Self::InvalidCredentials => "app.oauth2.invalid_client_credentials",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::TokenGranted => "OAuth2 access token is granted",
            Self::TokenRevoked => "OAuth2 token revocation request",
            Self::SecretCreated => "Create OAuth2 client credentials",
            Self::SecretDeactivated => "Deactivate OAuth2 client credentials",
            Self::SecretDeleted => "Delete OAuth2 client credentials",
            Self::InvalidCredentials => "OAuth client authentication",
        }
    }
}

impl Event<'_> {
    /// The event as JSON, with its own id, at a time.
    pub fn to_json(&self, uuid: &str, published_ms: TimestampMs) -> Value {
        let (severity, result) = if self.failure.is_some() { ("WARN", "FAILURE") } else { ("INFO", "SUCCESS") };
        let mut debug = self.details.clone();
        debug.insert("authorizationServer".into(), self.server.into());
        if let Some((_, description)) = &self.failure {
            debug.insert("errorDescription".into(), description.as_str().into());
        }
        json!({
            "uuid": uuid,
            "published": time_with_millis(published_ms),
            "eventType": self.event_type.name(),
            "version": "0",
            "severity": severity,
            "displayMessage": self.event_type.message(),
            "actor": { "id": self.client_id, "type": "PublicClientApp", "alternateId": self.client_id, "displayName": null },
            "client": {
                "ipAddress": self.caller.address.map(|address| address.to_string()),
                "userAgent": { "rawUserAgent": self.caller.user_agent.as_deref().map(shortened) },
                "device": null,
                "zone": null,
            },
            "outcome": { "result": result, "reason": self.failure.as_ref().map(|(code, _)| code) },
            "target": self.token_id.iter().map(|id| target(id)).collect::<Vec<_>>(),
            "transaction": { "type": "WEB", "id": uuid, "detail": {} },
            "debugContext": { "debugData": debug },
            "authenticationContext": { "externalSessionId": null },
            "securityContext": {},
        })
    }
}

fn target(token_id: &str) -> Value {
    json!({ "id": token_id, "type": "access_token", "alternateId": null, "displayName": "Access Token" })
}

fn shortened(text: &str) -> String {
    text.chars().take(USER_AGENT_CHARS_MAX).collect()
}

/// `2026-07-01T12:00:00.000Z`.
pub(super) fn time_with_millis(at_ms: TimestampMs) -> String {
    let seconds = format_time(at_ms);
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), at_ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_can_be_found_as_in_oktas_log() {
        let caller = Caller { address: Some([127, 0, 0, 1].into()), user_agent: Some("x".repeat(1000)) };
        let details = json!({ "grantType": "client_credentials" });
        let event = Event {
            event_type: EventType::TokenGranted,
            server: Some("default"),
            client_id: Some("did:marque:x"),
            caller: &caller,
            failure: None,
            token_id: Some("AT.1"),
            details: details.as_object().unwrap().clone(),
        };
        let json = event.to_json("u", 1_800_000_000_007);
        assert_eq!(json["eventType"], "app.oauth2.as.token.grant.access_token");
        assert_eq!(json["published"], "2027-01-15T08:00:00.007Z");
        assert_eq!(json["debugContext"]["debugData"]["grantType"], "client_credentials");
        assert_eq!(json["outcome"], json!({ "result": "SUCCESS", "reason": null }));
        assert_eq!(json["target"][0]["id"], "AT.1");
        assert_eq!(json["client"]["ipAddress"], "127.0.0.1");
        assert_eq!(json["client"]["userAgent"]["rawUserAgent"].as_str().unwrap().len(), USER_AGENT_CHARS_MAX);

        let failed = Event { failure: Some(("invalid_client", "why".into())), token_id: None, ..event };
        let json = failed.to_json("u", 0);
        assert_eq!(json["outcome"], json!({ "result": "FAILURE", "reason": "invalid_client" }));
        assert_eq!((&json["severity"], &json["target"]), (&json!("WARN"), &json!([])));
    }
}
