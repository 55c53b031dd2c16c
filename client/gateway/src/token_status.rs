//! What becomes of tokens that were given out: introspection (RFC 7662) and revocation (RFC 7009).
//!
//! A token is good when the chain says so and it was not revoked here. Who verifies tokens by itself does not hear of what is
//! revoked here: to end a token for everybody, revoke it on the chain.

use marque_sdk::{
    primitives::token::{Requirement, SignedToken},
    token::{Jws, read_jwt},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Client, Credentials, Form, OAuthError,
    authenticate::{ClientRequest, Trail},
    gateway::Gateway,
    log::EventType,
    server::Server,
};

impl Gateway {
    /// What a token says, if it is good; of others, only that they are not.
    pub(crate) async fn introspect(&self, server: &Server, request: ClientRequest) -> Result<Value, OAuthError> {
        let mut trail = Trail::default();
        let outcome = self.try_introspect(server, &request, &mut trail).await;
        // Of who asks, only those that could not prove who they are are written down.
        if let Err(error @ OAuthError::InvalidClient(_)) = &outcome {
            let name = Some(server.config.name.as_str());
            self.write_down(EventType::InvalidCredentials, name, &request.caller, trail, Some(error)).await?;
        }
        outcome
    }

    /// Revokes a token of the client that asks. One that is not good is none that could be revoked, and no error.
    pub(crate) async fn revoke(&self, server: &Server, request: ClientRequest) -> Result<(), OAuthError> {
        let mut trail = Trail::default();
        let outcome = self.try_revoke(server, &request, &mut trail).await;
        let (name, error) = (Some(server.config.name.as_str()), outcome.as_ref().err());
        self.write_down(EventType::TokenRevoked, name, &request.caller, trail, error).await?;
        outcome
    }

    async fn try_introspect(
        &self,
        server: &Server,
        request: &ClientRequest,
        trail: &mut Trail,
    ) -> Result<Value, OAuthError> {
        let (_, text) = self.client_and_token(server, request, trail).await?;
        let is_good = self.good_token(server, text).await?.is_some();
        let mut said = if is_good { claims(text) } else { Map::new() };
        said.insert("active".into(), is_good.into());
        if is_good {
            said.insert("token_type".into(), "Bearer".into());
        }
        Ok(said.into())
    }

    async fn try_revoke(&self, server: &Server, request: &ClientRequest, trail: &mut Trail) -> Result<(), OAuthError> {
        let (client, text) = self.client_and_token(server, request, trail).await?;
        let Some(token) = self.good_token(server, text).await? else { return Ok(()) };
        if token.claims.client_id != client.id {
            return Err(OAuthError::UnauthorizedClient);
        }
        trail.token_id = Some(token.claims.token_id.clone());
        // Verifiers accept it for a while after it has expired, as clocks differ.
        let until_ms = token.claims.expires_ms().saturating_add(self.parts.skew_max_ms);
        Ok(self.parts.store.revoke_token(revoked_id(server, &token), until_ms, self.now_ms()).await?)
    }

    async fn client_and_token<'a>(
        &self,
        server: &Server,
        request: &'a ClientRequest,
        trail: &mut Trail,
    ) -> Result<(Client, &'a str), OAuthError> {
        let form: &Form = request.form.as_ref().map_err(|error| *error)?;
        let credentials = Credentials::read(request.authorization(), form)?;
        let block = self.parts.directory.block().await?;
        let client = self.authenticate(server, form, &credentials, block, trail).await?;
        Ok((client, form.get("token").ok_or(OAuthError::InvalidRequest("token is missing"))?))
    }

    /// The token, if it is one of this authorization server and good.
    async fn good_token(&self, server: &Server, text: &str) -> Result<Option<SignedToken>, OAuthError> {
        let Ok(token) = read_jwt(text) else { return Ok(None) };
        let Some(audience) = token.claims.audience.first().cloned() else { return Ok(None) };
        let requirement = Requirement { issuer: server.config.issuer, audience, scopes: Vec::new() };
        let is_good = token.signed_by.issuer == server.config.issuer
            && self.parts.directory.is_good(&token, &requirement).await?
            && !self.parts.store.is_token_revoked(revoked_id(server, &token)).await?;
        Ok(is_good.then_some(token))
    }
}

/// All that a token says, which is known to be one.
fn claims(text: &str) -> Map<String, Value> {
    Jws::read(text).map(|jws| jws.claims).unwrap_or_default()
}

fn revoked_id(server: &Server, token: &SignedToken) -> [u8; 32] {
    let parts = json!([server.config.issuer, token.claims.token_id]);
    Sha256::digest(parts.to_string()).into()
}
