//! The token endpoint (RFC 6749, section 3.2): who asks, what for, what the policies and the chain say, and that it is written down before
//! a token is given out.

use marque_sdk::token::{Claims, issue_jwt_saying_more};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    Credentials, OAuthError, StoreError, Unavailable,
    decide::{Case, ClientRequest, Trail, failed},
    gateway::Gateway,
    grant::{self, Terms},
    log::EventType,
    policy::{Ask, GrantType},
    random,
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
    /// Answers a request for a token.
    pub(crate) async fn token(
        &self,
        server: &str,
        request: &ClientRequest,
    ) -> Option<Result<TokenResponse, OAuthError>> {
        self.answer(server, EventType::TokenGranted, request, |gateway, case, trail| {
            Box::pin(gateway.decide_token(case, trail))
        })
        .await
    }

    async fn decide_token(&self, case: Case<'_>, trail: &mut Trail) -> Result<TokenResponse, OAuthError> {
        let Case { server, form, .. } = case;
        let grant_type = form.get("grant_type").ok_or(OAuthError::InvalidRequest("grant_type is missing"))?;
        let grant_type = GrantType::from_name(grant_type).ok_or(OAuthError::UnsupportedGrantType)?;
        trail.note("grantType", grant_type.name());
        let credentials = Credentials::read(case.authorization, form)?;
        let block = self.parts.directory.block().await?;
        let client = self.authenticate(case, &credentials, block, trail).await?;
        let scopes = grant::requested_scopes(form.get("scope"), &server.document.default_scopes)?;
        trail.note("requestedScopes", scopes.join(" "));
        let rights = self.parts.directory.rights(server.issuer(), client.device, &scopes, block).await?;
        if !rights.undefined.is_empty() {
            return Err(OAuthError::InvalidScope("the authorization server has no such scope"));
        }
        let ask = Ask { client_id: &client.id, grant_type, scopes: &scopes };
        let decision = server.policies.decide(&ask).ok_or(OAuthError::NoRule)?;
        trail.note("policy", decision.policy.name.as_str());
        trail.note("rule", decision.rule.name.as_str());
        let signer = self.parts.signers.get(server.name()).ok_or(OAuthError::Server)?;
        let token_id = random::token_id(&*self.parts.random).ok_or(OAuthError::Server)?;
        let terms = Terms {
            issuer: server.issuer(),
            url: server.url(),
            signing_key: signer.public_key(),
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
        let token = issue_jwt_saying_more(&claims, &okta_claims(&claims), signed_by, &**signer);
        let access_token = token.map_err(|error| failed("signing a token", &error))?;
        trail.note("grantedScopes", claims.scopes.join(" "));
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
