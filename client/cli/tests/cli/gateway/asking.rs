//! Asking a gateway for tokens, as any service does.

use std::fs;

use data_encoding::BASE64URL_NOPAD;
use marque_gateway::ASSERTION_TYPE;
use marque_sdk::{
    Account, Signer,
    primitives::Signature,
    token::JwkSet,
    verifier::{Clock, SystemClock},
};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// For how long an assertion is good.
const ASSERTION_LIFETIME_S: u64 = 600;

/// Who asks an authorization server.
pub struct Asking {
    client: Client,
    issuer_url: String,
    scope: String,
}

/// What was answered.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The token, which must have been given.
    pub fn token(&self) -> &str {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body["access_token"].as_str().unwrap()
    }
}

impl Asking {
    /// By what `marque up` says of its gateway.
    pub fn new(gateway: &Value) -> Self {
        let text =
            |member: &str| gateway[member].as_str().unwrap_or_else(|| panic!("no {member}: {gateway}")).to_owned();
        let authority = reqwest::Certificate::from_pem(&fs::read(text("ca")).unwrap()).unwrap();
        let client = Client::builder().no_proxy().add_root_certificate(authority).build().unwrap();
        Self { client, issuer_url: text("issuer_url"), scope: text("scope") }
    }

    /// Asks for a token by `client_secret_basic`.
    pub async fn by_secret(&self, id: &str, secret: &str) -> reqwest::Result<Answer> {
        self.ask(self.post().basic_auth(id, Some(secret)), &[]).await
    }

    /// Asks for a token by `private_key_jwt`.
    pub async fn by_assertion(&self, assertion: &str) -> reqwest::Result<Answer> {
        let proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
        self.ask(self.post(), &proof).await
    }

    /// An assertion of an application, by a key that is registered for it under a name.
    pub fn sign(&self, id: &str, (key_id, key): (&str, &Account), token_id: &str) -> String {
        let expires_s = SystemClock::default().now().wall_ms / 1000 + ASSERTION_LIFETIME_S;
        let claims = json!({ "iss": id, "sub": id, "aud": self.issuer_url, "exp": expires_s, "jti": token_id });
        let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
        let unsigned = format!("{}.{}", part(&json!({ "alg": "EdDSA", "kid": key_id })), part(&claims));
        let Ok(Signature::Ed25519(signature)) = key.sign(unsigned.as_bytes()) else { panic!("an Ed25519 key signs") };
        format!("{unsigned}.{}", BASE64URL_NOPAD.encode(&signature))
    }

    /// The keys that are published now.
    pub async fn keys(&self) -> JwkSet {
        let answer = self.client.get(format!("{}/v1/keys", self.issuer_url)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        JwkSet::from_json(&answer.text().await.unwrap()).unwrap()
    }

    fn post(&self) -> RequestBuilder {
        self.client.post(format!("{}/v1/token", self.issuer_url))
    }

    async fn ask(&self, request: RequestBuilder, more: &[(&str, &str)]) -> reqwest::Result<Answer> {
        let form = [&[("grant_type", "client_credentials"), ("scope", &*self.scope)][..], more].concat();
        let answer = request.form(&form).send().await?;
        Ok(Answer { status: answer.status().as_u16(), body: answer.json().await? })
    }
}
