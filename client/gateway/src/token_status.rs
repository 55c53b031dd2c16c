//! What becomes of tokens that were given out: introspection (RFC 7662) and revocation (RFC 7009).
//!
//! A token is good when the chain says so and it was not revoked here. Who verifies tokens by itself does not hear of what is
//! revoked here: to end a token for everybody, revoke it on the chain.

use marque_sdk::{
    primitives::{
        access::IssuerId,
        token::{Confirmation, Requirement, SignedToken},
    },
    token::{Jws, read_jwt},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Client, OAuthError, Presented,
    decide::{Answer, Case, ClientRequest, Trail},
    gateway::Gateway,
    log::EventType,
    settings::Server,
    store::Remembered,
};

impl Gateway {
    /// What a token says, if it is good; of others, only that they are not.
    pub(crate) async fn introspect(&self, server: &str, request: &ClientRequest) -> Option<Answer<Value>> {
        self.answer(server, EventType::TokenIntrospected, request, |gateway, case, trail| {
            Box::pin(gateway.decide_introspect(case, trail))
        })
        .await
    }

    /// Revokes a token of the client that asks. One that is not good is none that could be revoked, and no error.
    pub(crate) async fn revoke(&self, server: &str, request: &ClientRequest) -> Option<Answer<()>> {
        self.answer(server, EventType::TokenRevoked, request, |gateway, case, trail| {
            Box::pin(gateway.decide_revoke(case, trail))
        })
        .await
    }

    async fn decide_introspect(&self, case: Case<'_>, trail: &mut Trail) -> Result<Value, OAuthError> {
        let (_, text) = self.client_and_token(case, trail).await?;
        let token = self.good_token(case.server, text).await?;
        let mut said = if token.is_some() { claims(text) } else { Map::new() };
        said.insert("active".into(), token.is_some().into());
        if let Some(token) = token {
            let is_proved = matches!(token.claims.confirmation, Some(Confirmation::Thumbprint(_)));
            said.insert("token_type".into(), if is_proved { "DPoP" } else { "Bearer" }.into());
            trail.token_id = Some(token.claims.token_id);
        }
        Ok(said.into())
    }

    async fn decide_revoke(&self, case: Case<'_>, trail: &mut Trail) -> Result<(), OAuthError> {
        let (client, text) = self.client_and_token(case, trail).await?;
        let Some(token) = self.good_token(case.server, text).await? else { return Ok(()) };
        if token.claims.client_id != client.id {
            return Err(OAuthError::UnauthorizedClient("the token was given to another client"));
        }
        // Verifiers accept it for a while after it has expired, as clocks differ.
        let expires_ms = token.claims.expires_ms().saturating_add(self.parts.skew_max_ms);
        trail.revoked_tokens.push(Remembered { id: revoked_id(case.server.issuer(), &token), expires_ms });
        trail.token_id = Some(token.claims.token_id);
        Ok(())
    }

    async fn client_and_token<'a>(&self, case: Case<'a>, trail: &mut Trail) -> Result<(Client, &'a str), OAuthError> {
        let presented = Presented::read(case.authorization, case.form)?;
        let block = self.parts.directory.block().await?;
        let client = self.authenticate(case, &presented, block, trail).await?;
        Ok((client, case.form.get("token").ok_or(OAuthError::InvalidRequest("token is missing"))?))
    }

    /// The token, if it is one of this authorization server and good.
    async fn good_token(&self, server: &Server, text: &str) -> Result<Option<SignedToken>, OAuthError> {
        let Ok(token) = read_jwt(text) else { return Ok(None) };
        let Some(audience) = token.claims.audience.first().cloned() else { return Ok(None) };
        let requirement = Requirement { issuer: server.issuer(), audience, scopes: Vec::new() };
        let is_good = token.signed_by.issuer == server.issuer()
            && self.parts.directory.is_good(&token, &requirement).await?
            && !self.parts.store.is_token_revoked(revoked_id(server.issuer(), &token)).await?;
        Ok(is_good.then_some(token))
    }
}

/// All that a token says, which is known to be one.
fn claims(text: &str) -> Map<String, Value> {
    Jws::read(text).map(|jws| jws.claims).unwrap_or_default()
}

/// By what a token is known that the authorization server of this number has revoked beside the chain.
pub(crate) fn revoked_id(issuer: IssuerId, token: &SignedToken) -> [u8; 32] {
    let parts = json!([issuer, token.claims.token_id]);
    Sha256::digest(parts.to_string()).into()
}
