//! The token endpoint (RFC 6749, section 3.2): who asks, what for, what the policies and the chain say, and that it is written down before
//! a token is given out.

use marque_sdk::token::{Claims, issue_jwt_saying_more};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    Credentials, Form, OAuthError, StoreError, Unavailable,
    authenticate::{ClientRequest, Trail},
    gateway::Gateway,
    grant::{self, Terms},
    log::EventType,
    policy::{Ask, GrantType},
    random,
    server::Server,
};

/// A successful answer (RFC 6749, section 5.1).
#[derive(Debug, Serialize)]
pub(crate) struct TokenResponse {
    token_type: &'static str,
    expires_in: u64,
    access_token: String,
    scope: String,
}

impl Gateway {
    /// Answers a request for a token. Success and failure are both written down first; when that fails, there is no token.
    pub(crate) async fn token(&self, server: &Server, request: ClientRequest) -> Result<TokenResponse, OAuthError> {
        let mut trail = Trail::default();
        let outcome = match &request.form {
            Ok(form) => self.try_token(server, form, request.authorization(), &mut trail).await,
            Err(error) => Err(*error),
        };
        let (name, error) = (Some(server.config.name.as_str()), outcome.as_ref().err());
        self.write_down(EventType::TokenGranted, name, &request.caller, trail, error).await?;
        outcome
    }

    async fn try_token(
        &self,
        server: &Server,
        form: &Form,
        authorization: Option<&str>,
        trail: &mut Trail,
    ) -> Result<TokenResponse, OAuthError> {
        let grant_type = form.get("grant_type").ok_or(OAuthError::InvalidRequest("grant_type is missing"))?;
        let grant_type = GrantType::from_name(grant_type).filter(|known| *known == GrantType::ClientCredentials);
        let grant_type = grant_type.ok_or(OAuthError::UnsupportedGrantType)?;
        trail.details.insert("grantType".into(), grant_type.name().into());
        let credentials = Credentials::read(authorization, form)?;
        let block = self.parts.directory.block().await?;
        let client = self.authenticate(server, form, &credentials, block, trail).await?;
        let scopes = grant::requested_scopes(form.get("scope"), &server.config.default_scopes)?;
        trail.details.insert("requestedScopes".into(), scopes.join(" ").into());
        let rights = self.parts.directory.rights(server.config.issuer, client.device, &scopes, block).await?;
        if !rights.undefined.is_empty() {
            return Err(OAuthError::InvalidScope("the authorization server has no such scope"));
        }
        let ask = Ask::new(&client.id, grant_type, &scopes, self.now_ms());
        let decision = server.config.policies.decide(&ask).ok_or(OAuthError::NoRule)?;
        trail.details.insert("policy".into(), decision.policy.name.as_str().into());
        trail.details.insert("rule".into(), decision.rule.name.as_str().into());
        let token_id = random::token_id(&*self.parts.random).ok_or(OAuthError::Server)?;
        let terms = Terms {
            issuer: server.config.issuer,
            url: &server.url,
            signing_key: server.config.signer.public_key(),
            client: &client,
            subject: self.did(client.device).into(),
            scopes: &scopes,
            rule: decision.rule,
            rights: &rights,
            token_id: &token_id,
            now_ms: self.now_ms(),
            skew_max_ms: self.parts.skew_max_ms,
        };
        let (claims, signed_by) = grant::grant(&terms)?;
        let token = issue_jwt_saying_more(&claims, &okta_claims(&claims), signed_by, &*server.config.signer);
        let access_token = token.map_err(|error| failed("signing a token", &error))?;
        trail.details.insert("grantedScopes".into(), claims.scopes.join(" ").into());
        trail.token_id = Some(token_id);
        let expires_in = claims.expires_s.saturating_sub(claims.issued_s);
        Ok(TokenResponse { token_type: "Bearer", expires_in, access_token, scope: claims.scopes.join(" ") })
    }
}

/// What Okta's tokens have beside RFC 9068's.
fn okta_claims(claims: &Claims) -> Map<String, Value> {
    let more = json!({ "ver": 1, "cid": claims.client_id, "scp": claims.scopes });
    more.as_object().cloned().unwrap_or_default()
}

impl From<Unavailable> for OAuthError {
    fn from(error: Unavailable) -> Self {
        tracing::warn!(%error, "no tokens");
        Self::Unavailable
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        failed("keeping state", &error)
    }
}

/// What failed is for the operator: clients are told nothing of it.
pub(crate) fn failed(what: &'static str, error: &dyn std::error::Error) -> OAuthError {
    tracing::error!(%error, what, "a request could not be carried out");
    OAuthError::Server
}
