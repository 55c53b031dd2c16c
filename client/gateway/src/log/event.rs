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
    /// A token was asked about.
    TokenIntrospected,
    /// A client did not prove who it is.
    InvalidCredentials,
    /// So many requests were made at an authorization server, or from an address, that a limit is near.
    LimitNear,
    /// So many requests were made by a client that its limit is near.
    ClientLimitNear,
    /// More requests were made than a limit allows. Those after the first one, in the same minute, are not written down.
    LimitExceeded,
    /// Something happened to a secret of an application.
    Secret(Lifecycle),
    /// Something happened to an application.
    App(Lifecycle),
    /// Something happened to a policy.
    Policy(Lifecycle),
    /// Something happened to a network zone.
    Zone(Lifecycle),
    /// A signing key stopped signing, and the next one signs.
    KeyRollover {
        /// Whether it is because somebody else may sign with it.
        is_compromised: bool,
    },
    /// Something happened to a signing key that does not sign.
    Key(Lifecycle),
    /// Something happened to an authorization server.
    Server(Lifecycle),
    /// Something happened to a federated issuer.
    Federation(Lifecycle),
    /// Something happened to what is known of a device here.
    Device(Lifecycle),
    /// Something happened to an operator's access token.
    Operator(Lifecycle),
    /// Something happened to an initial access token, which clients register with.
    InitialAccess(Lifecycle),
}

/// What happened to a thing that can be made and changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lifecycle {
    /// It was made.
    Created,
    /// It was changed.
    Updated,
    /// It may act from now on.
    Activated,
    /// It may not act from now on.
    Deactivated,
    /// It was deleted.
    Deleted,
}

/// Who did something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Actor<'a> {
    /// A client, by its id, as far as it said who it is in a form that can be one.
    Client(Option<&'a str>),
    /// An operator, by the id of its access token.
    Operator(&'a str),
    /// The gateway itself, or who started it.
    System,
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
    /// By whom.
    pub actor: Actor<'a>,
    /// From where.
    pub caller: &'a Caller,
    /// Why it failed, if it did: an error code, and what it means.
    pub failure: Option<(&'static str, String)>,
    /// What it is about: kinds and ids.
    pub targets: Vec<(&'static str, String)>,
    /// What else was asked for and given.
    pub details: Map<String, Value>,
}

impl EventType {
    /// Its name: Okta's, where Okta has one.
    pub fn name(self) -> String {
        let (of, lifecycle) = match self {
            Self::TokenGranted => return "app.oauth2.as.token.grant.access_token".into(),
            Self::TokenRevoked => return "app.oauth2.as.token.revoke".into(),
            Self::TokenIntrospected => return "app.oauth2.as.token.introspect".into(),
            Self::InvalidCredentials => return "app.oauth2.invalid_client_credentials".into(),
            Self::KeyRollover { .. } => return "app.oauth2.as.key.rollover".into(),
            Self::Key(lifecycle) => ("app.oauth2.as.key.lifecycle", lifecycle),
            Self::LimitNear => return "system.org.rate_limit.warning".into(),
            Self::ClientLimitNear => return "app.oauth2.client_id_rate_limit_warning".into(),
            Self::LimitExceeded => return "system.org.rate_limit.violation".into(),
            Self::Secret(lifecycle) => ("app.oauth2.credentials.lifecycle", lifecycle),
            Self::App(lifecycle) => ("application.lifecycle", lifecycle),
            Self::Policy(lifecycle) => ("policy.lifecycle", lifecycle),
            Self::Zone(lifecycle) => ("zone", lifecycle),
            Self::Server(lifecycle) => ("app.oauth2.as.lifecycle", lifecycle),
            Self::Federation(lifecycle) => ("app.oauth2.trusted_server", lifecycle),
            Self::Device(lifecycle) => ("device.lifecycle", lifecycle),
            Self::Operator(lifecycle) => ("system.api_token", lifecycle),
            Self::InitialAccess(lifecycle) => ("app.oauth2.initial_access_token", lifecycle),
        };
        format!("{of}.{}", lifecycle.verb())
    }

    fn message(self) -> String {
        let (what, lifecycle) = match self {
            Self::TokenGranted => return "OAuth2 access token is granted".into(),
            Self::TokenRevoked => return "OAuth2 token revocation request".into(),
            Self::TokenIntrospected => return "OAuth2 token introspection request".into(),
            Self::InvalidCredentials => return "OAuth client authentication".into(),
            Self::KeyRollover { is_compromised: false } => return "Authorization server signing key rollover".into(),
            Self::KeyRollover { is_compromised: true } => {
                return "Authorization server signing key rollover: the key is compromised".into();
            }
            Self::Key(lifecycle) => ("signing key", lifecycle),
            Self::LimitNear | Self::ClientLimitNear => return "Rate limit warning".into(),
            Self::LimitExceeded => return "Rate limit violation".into(),
            Self::Secret(lifecycle) => ("OAuth2 client credentials", lifecycle),
            Self::App(lifecycle) => ("application", lifecycle),
            Self::Policy(lifecycle) => ("policy", lifecycle),
            Self::Zone(lifecycle) => ("network zone", lifecycle),
            Self::Server(lifecycle) => ("authorization server", lifecycle),
            Self::Federation(lifecycle) => ("federated issuer", lifecycle),
            Self::Device(lifecycle) => ("device profile", lifecycle),
            Self::Operator(lifecycle) => ("API token", lifecycle),
            Self::InitialAccess(lifecycle) => ("initial access token", lifecycle),
        };
        format!("{} {what}", lifecycle.verb())
    }
}

impl Lifecycle {
    const fn verb(self) -> &'static str {
        match self {
            Self::Created => "create",
            Self::Updated => "update",
            Self::Activated => "activate",
            Self::Deactivated => "deactivate",
            Self::Deleted => "delete",
        }
    }
}

impl Actor<'_> {
    fn to_json(self) -> Value {
        let (id, kind) = match self {
            Self::Client(id) => (id, "PublicClientApp"),
            Self::Operator(id) => (Some(id), "User"),
            Self::System => (None, "SystemPrincipal"),
        };
        json!({ "id": id, "type": kind, "alternateId": id, "displayName": null })
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
            "actor": self.actor.to_json(),
            "client": {
                "ipAddress": self.caller.address.map(|address| address.to_string()),
                "userAgent": { "rawUserAgent": self.caller.user_agent.as_deref().map(shortened) },
                "device": null,
                "zone": null,
            },
            "outcome": { "result": result, "reason": self.failure.as_ref().map(|(code, _)| code) },
            "target": self.targets.iter().map(|(kind, id)| target(kind, id)).collect::<Vec<_>>(),
            "transaction": { "type": "WEB", "id": uuid, "detail": {} },
            "debugContext": { "debugData": debug },
            "authenticationContext": { "externalSessionId": null },
            "securityContext": {},
        })
    }
}

fn target(kind: &str, id: &str) -> Value {
    json!({ "id": id, "type": kind, "alternateId": null, "displayName": null })
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
            actor: Actor::Client(Some("did:marque:x")),
            caller: &caller,
            failure: None,
            targets: vec![("access_token", "AT.1".into())],
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

        let failed = Event { failure: Some(("invalid_client", "why".into())), targets: vec![], ..event };
        let json = failed.to_json("u", 0);
        assert_eq!(json["outcome"], json!({ "result": "FAILURE", "reason": "invalid_client" }));
        assert_eq!((&json["severity"], &json["target"]), (&json!("WARN"), &json!([])));
    }
}
