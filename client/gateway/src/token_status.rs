//! What becomes of tokens that were given out: introspection (RFC 7662) and revocation (RFC 7009).
//!
//! A token is good when the chain says so and it was not revoked here. Who verifies tokens by itself does not hear of what is
//! revoked here: to end a token for everybody, revoke it on the chain.

use data_encoding::BASE64URL_NOPAD;
use marque_sdk::{
    primitives::{
        access::{IssuerId, IssuerStatus},
        token::{Claims, Confirmation, Requirement, SignedToken},
    },
    token::{Algorithm, Jws, read_jwt},
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
        let mut said = token.as_ref().map(|token| claims(token, text)).unwrap_or_default();
        said.insert("active".into(), token.is_some().into());
        if let Some(token) = token {
            let is_proved = matches!(token.confirmation, Some(Confirmation::Thumbprint(_)));
            said.insert("token_type".into(), if is_proved { "DPoP" } else { "Bearer" }.into());
            trail.token_id = Some(token.token_id);
        }
        Ok(said.into())
    }

    async fn decide_revoke(&self, case: Case<'_>, trail: &mut Trail) -> Result<(), OAuthError> {
        let (client, text) = self.client_and_token(case, trail).await?;
        let Some(token) = self.good_token(case.server, text).await? else { return Ok(()) };
        if token.client_id != client.id {
            return Err(OAuthError::UnauthorizedClient("the token was given to another client"));
        }
        // Verifiers accept it for a while after it has expired, as clocks differ.
        let expires_ms = token.expires_ms().saturating_add(self.parts.skew_max_ms);
        trail.revoked_tokens.push(Remembered { id: revoked_id(case.server.issuer(), &token.token_id), expires_ms });
        trail.token_id = Some(token.token_id);
        Ok(())
    }

    async fn client_and_token<'a>(&self, case: Case<'a>, trail: &mut Trail) -> Result<(Client, &'a str), OAuthError> {
        let presented = Presented::read(case.authorization, case.form)?;
        let block = self.parts.directory.block().await?;
        let client = self.authenticate(case, &presented, block, trail).await?;
        Ok((client, case.form.get("token").ok_or(OAuthError::InvalidRequest("token is missing"))?))
    }

    /// What a token says, if it is one of this authorization server and good.
    async fn good_token(&self, server: &Server, text: &str) -> Result<Option<Claims>, OAuthError> {
        let good = match server.document.algorithm {
            Algorithm::EdDsa => self.good_on_chain(server, text).await?,
            Algorithm::Es256 | Algorithm::Rs256 => self.good_by_own_keys(server, text).await?,
        };
        let Some(claims) = good else { return Ok(None) };
        let is_revoked = self.parts.store.is_token_revoked(revoked_id(server.issuer(), &claims.token_id)).await?;
        Ok((!is_revoked).then_some(claims))
    }

    /// A token by a key of the authorization server that the chain knows.
    async fn good_on_chain(&self, server: &Server, text: &str) -> Result<Option<Claims>, OAuthError> {
        let Some(token) = read_signed(text) else { return Ok(None) };
        let Some(audience) = token.claims.audience.first().cloned() else { return Ok(None) };
        let requirement = Requirement { issuer: server.issuer(), audience, scopes: Vec::new() };
        let is_good =
            token.signed_by.issuer == server.issuer() && self.parts.directory.is_good(&token, &requirement).await?;
        Ok(is_good.then_some(token.claims))
    }

    /// A token by a key that the gateway alone knows: the chain says whether the authorization server and the device are in use, and
    /// which of the device's tokens are too old.
    async fn good_by_own_keys(&self, server: &Server, text: &str) -> Result<Option<Claims>, OAuthError> {
        let now_ms = self.now_ms();
        let Ok(jwt) = server.keys.verify_own(text, now_ms) else { return Ok(None) };
        let (claims, skew_max_ms) = (jwt.claims, self.parts.skew_max_ms);
        let is_in_time = claims.issued_ms() <= now_ms.saturating_add(skew_max_ms)
            && now_ms < claims.expires_ms().saturating_add(skew_max_ms);
        let directory = &self.parts.directory;
        if !is_in_time || claims.issuer != server.url() || claims.subject.registry != directory.registry() {
            return Ok(None);
        }
        let rights = directory.rights(server.issuer(), claims.subject.device, &[], directory.block().await?).await?;
        let is_server_active = rights.issuer.is_some_and(|issuer| issuer.status == IssuerStatus::Active);
        let is_device_good = rights.entitlements.is_some_and(|device| {
            device.is_active && device.epoch == Some(claims.epoch) && device.tokens_before_ms <= claims.issued_ms()
        });
        Ok((is_server_active && is_device_good).then_some(claims))
    }
}

/// A token in either form: a JWT, or a CWT in base64url.
fn read_signed(text: &str) -> Option<SignedToken> {
    if text.contains('.') {
        return read_jwt(text).ok();
    }
    SignedToken::from_cwt(&BASE64URL_NOPAD.decode(text.as_bytes()).ok()?).ok()
}

/// All that a token says, which is known to be good. A CWT says no more than its claims.
fn claims(claims: &Claims, text: &str) -> Map<String, Value> {
    if let Ok(jws) = Jws::read(text) {
        return jws.claims;
    }
    let said = json!({
        "iss": claims.issuer,
        "sub": claims.subject.to_text(),
        "aud": claims.audience,
        "exp": claims.expires_s,
        "iat": claims.issued_s,
        "jti": claims.token_id,
        "client_id": claims.client_id,
        "scope": claims.scopes.join(" "),
        "epoch": claims.epoch,
    });
    said.as_object().cloned().unwrap_or_default()
}

/// By what a token of this id is known that the authorization server of this number has revoked beside the chain.
pub(crate) fn revoked_id(issuer: IssuerId, token_id: &str) -> [u8; 32] {
    let parts = json!([issuer, token_id]);
    Sha256::digest(parts.to_string()).into()
}
