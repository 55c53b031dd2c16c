//! The token endpoint (RFC 6749, section 3.2): who asks, what for, what the policies and the chain say, and that it is written down before
//! a token is given out.

use std::collections::BTreeSet;

use marque_sdk::{BlockRef, primitives::token::Claims, token::Algorithm};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    Client, DpopError, DpopExpected, DpopProof, OAuthError, Presented, StoreError, Unavailable,
    decide::{Answer, Case, ClientRequest, Trail, failed},
    exchange::SubjectTokenError,
    gateway::Gateway,
    grant::{self, Terms},
    keys::{KeyError, SigningKey, TokenFormat, issue},
    log::EventType,
    policy::{Ask, Decision, GrantType, zones_of},
    random,
    settings::Server,
    store::Remembered,
    token_exchange::Principal,
};

/// A successful answer (RFC 6749, section 5.1).
#[derive(Debug, Serialize)]
pub(crate) struct TokenResponse {
    token_type: &'static str,
    expires_in: u64,
    access_token: String,
    scope: String,
    /// What it is, where it was given for a token (RFC 8693, section 2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
    #[serde(skip)]
    grant_type: GrantType,
}

/// What a client asks for, and by what it is decided.
struct Wish<'a> {
    client: &'a Client,
    grant_type: GrantType,
    principal: Principal,
    audience: Vec<String>,
    format: TokenFormat,
    zones: Option<BTreeSet<String>>,
    roles: BTreeSet<String>,
}

impl Gateway {
    /// Answers a request for a token.
    pub(crate) async fn token(&self, server: &str, request: &ClientRequest) -> Option<Answer<TokenResponse>> {
        let answer = self.answer(server, EventType::TokenGranted, request, |gateway, case, trail| {
            Box::pin(gateway.decide_token(case, trail))
        });
        let answer = answer.await?;
        if let Ok(response) = &answer.result {
            self.parts.metrics.token_granted(server, response.grant_type.name());
        }
        Some(answer)
    }

    async fn decide_token(&self, case: Case<'_>, trail: &mut Trail) -> Result<TokenResponse, OAuthError> {
        let form = case.form;
        let grant_type = form.get("grant_type").ok_or(OAuthError::InvalidRequest("grant_type is missing"))?;
        let grant_type = GrantType::from_name(grant_type).ok_or(OAuthError::UnsupportedGrantType)?;
        trail.note("grantType", grant_type.name());
        if form.get("authorization_details").is_some() {
            return Err(OAuthError::AuthorizationDetails);
        }
        let presented = Presented::read(case.authorization, form)?;
        // Before anything is used up: who is told to use another nonce tries again with what it has.
        let proof = self.read_proof(case)?;
        let block = self.parts.directory.block().await?;
        let client = self.authenticate(case, &presented, block, trail).await?;
        ensure_allowed(case, &client, grant_type, proof.is_some())?;
        let principal = self.principal(case, &client, grant_type, proof.as_ref(), block, trail).await?;
        let wish = self.wish(case, &client, grant_type, principal, block).await?;
        let (claims, access_token) = self.fulfil(case, &wish, proof.as_ref(), block, trail).await?;
        if let Some(proof) = &proof {
            let used = Remembered { id: proof.used_id, expires_ms: proof.expires_ms };
            trail.uses.push((used, DpopError::Replayed.into()));
        }
        let shown = wish.principal.shown.as_ref();
        if let Some(used) = shown.and_then(|shown| shown.used) {
            trail.uses.push((used, SubjectTokenError::Replayed.into()));
        }
        Ok(TokenResponse {
            token_type: if proof.is_some() { "DPoP" } else { "Bearer" },
            expires_in: claims.expires_s.saturating_sub(claims.issued_s),
            access_token,
            scope: claims.scopes.join(" "),
            issued_token_type: shown.map(|shown| shown.token_type.name()),
            grant_type,
        })
    }

    /// The proof of a key that the token is to be bound to, if the request has one.
    fn read_proof(&self, case: Case<'_>) -> Result<Option<DpopProof>, OAuthError> {
        let Some(text) = case.dpop else { return Ok(None) };
        let nonces = self.nonces();
        let expected = DpopExpected {
            method: "POST",
            url: &case.server.token_endpoint,
            access_token: None,
            nonces: Some(&nonces),
            now_ms: self.now_ms(),
            skew_max_ms: self.parts.skew_max_ms,
        };
        Ok(Some(DpopProof::read(text, &expected)?))
    }

    async fn wish<'a>(
        &self,
        case: Case<'_>,
        client: &'a Client,
        grant_type: GrantType,
        principal: Principal,
        block: BlockRef,
    ) -> Result<Wish<'a>, OAuthError> {
        let roles = if case.server.policies.ask_for_roles() {
            self.parts.directory.roles(case.server.issuer(), client.device, block, self.now_ms()).await?
        } else {
            BTreeSet::new()
        };
        let zones = zones(case);
        let (audience, format) = (case.form.audience()?, format(case)?);
        Ok(Wish { client, grant_type, principal, audience, format, zones, roles })
    }

    /// The key that signs now.
    fn signer<'a>(&self, server: &'a Server) -> Result<&'a SigningKey, OAuthError> {
        server.keys.signer(self.now_ms(), &self.parts.master_key).map_err(|error| {
            let refusal = failed("signing a token", &error);
            // The next minute there may be one.
            if error == KeyError::NoneActive { OAuthError::Unavailable } else { refusal }
        })
    }

    /// Decides by policy and chain what the token says, and signs it.
    async fn fulfil(
        &self,
        case: Case<'_>,
        wish: &Wish<'_>,
        proof: Option<&DpopProof>,
        block: BlockRef,
        trail: &mut Trail,
    ) -> Result<(Claims, String), OAuthError> {
        let (server, client, principal) = (case.server, wish.client, &wish.principal);
        let rights = self.parts.directory.rights(server.issuer(), principal.device, &principal.scopes, block).await?;
        principal.ensure_active(&rights)?;
        if !rights.undefined.is_empty() {
            return Err(OAuthError::InvalidScope("the authorization server has no such scope"));
        }
        let fleets: BTreeSet<String> = client.fleet.iter().cloned().collect();
        let ask = wish.ask(&fleets, self.now_ms());
        let decision = decide(case, &ask)?;
        trail.note("policy", decision.policy.name.as_str());
        trail.note("rule", decision.rule.name.as_str());
        let signer = self.signer(server)?;
        let token_id = random::token_id(&*self.parts.random).ok_or(OAuthError::Server)?;
        let terms = Terms {
            url: server.url(),
            signing_key: signer.on_chain(),
            client,
            subject: self.did(principal.device).into(),
            scopes: &principal.scopes,
            expires_s: principal.shown.as_ref().map(|shown| shown.expires_s),
            rule: decision.rule,
            audience: decision.audience(&ask),
            confirmation: principal.confirmation(client, proof),
            rights: &rights,
            token_id: &token_id,
            now_ms: self.now_ms(),
            skew_max_ms: self.parts.skew_max_ms,
        };
        let claims = grant::grant(&terms)?;
        let token = issue(&claims, &more_claims(&claims, &decision, principal), signer, wish.format);
        let access_token = token.map_err(|error| failed("signing a token", &error))?;
        trail.note("grantedScopes", claims.scopes.join(" "));
        trail.token_id = Some(token_id);
        Ok((claims, access_token))
    }
}

impl Wish<'_> {
    fn ask<'a>(&'a self, fleets: &'a BTreeSet<String>, now_ms: u64) -> Ask<'a> {
        Ask {
            labels: &self.client.labels,
            fleets,
            roles: &self.roles,
            zones: self.zones.as_ref(),
            factors: &self.client.factors,
            audience: (!self.audience.is_empty()).then_some(&*self.audience),
            ..Ask::new(&self.client.id, self.grant_type, &self.principal.scopes, now_ms)
        }
    }
}

/// The zones that the request is from; `None` where it is not known from where.
fn zones(case: Case<'_>) -> Option<BTreeSet<String>> {
    case.caller.address.map(|address| zones_of(&case.settings.zones, address))
}

/// Whether the client may ask at all: in this way, from there, and with a proof if it must have one.
fn ensure_allowed(case: Case<'_>, client: &Client, grant_type: GrantType, has_proof: bool) -> Result<(), OAuthError> {
    let app = client.app.as_ref();
    if app.is_some_and(|app| !app.grant_types.contains(&grant_type)) {
        return Err(OAuthError::UnauthorizedClient("the client may not ask for tokens in this way"));
    }
    let permitted = app.map(|app| &app.zones).filter(|zones| !zones.is_empty());
    if permitted.is_some_and(|permitted| zones(case).is_none_or(|zones| zones.is_disjoint(permitted))) {
        return Err(OAuthError::WrongZone);
    }
    let must_prove = case.server.document.requires_dpop || app.is_some_and(|app| app.requires_dpop);
    if must_prove && !has_proof {
        return Err(OAuthError::InvalidDpopProof("a DPoP proof is wanted: send one in the header DPoP"));
    }
    Ok(())
}

/// The form of the token: `token_format`, a parameter of our own, as OAuth 2.0 has none for it.
fn format(case: Case<'_>) -> Result<TokenFormat, OAuthError> {
    match case.form.get("token_format") {
        None | Some("jwt") => Ok(TokenFormat::Jwt),
        Some("cwt") if case.server.document.algorithm == Algorithm::EdDsa => Ok(TokenFormat::Cwt),
        Some("cwt") => Err(OAuthError::InvalidRequest("this authorization server has no keys that sign a CWT")),
        Some(_) => Err(OAuthError::InvalidRequest("token_format is jwt or cwt")),
    }
}

/// The rule that decides.
fn decide<'a>(case: Case<'a>, ask: &Ask<'_>) -> Result<Decision<'a>, OAuthError> {
    let policies = &case.server.policies;
    policies.decide(ask).ok_or_else(|| {
        let would_for_others = policies.decide(&Ask { audience: None, ..*ask }).is_some();
        if would_for_others { OAuthError::InvalidTarget } else { OAuthError::NoRule }
    })
}

/// What tokens have beside RFC 9068's claims: Okta's, those of the rule, and with other names, those of a token that was shown.
fn more_claims(claims: &Claims, decision: &Decision<'_>, principal: &Principal) -> Map<String, Value> {
    let mut more = principal.shown.as_ref().map(|shown| shown.claims.clone()).unwrap_or_default();
    more.extend(decision.rule.claims.clone());
    more.insert("ver".into(), json!(1));
    more.insert("cid".into(), json!(claims.client_id));
    more.insert("scp".into(), json!(claims.scopes));
    more
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
