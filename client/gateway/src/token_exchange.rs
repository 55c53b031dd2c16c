//! For whom a token is to be: for the client's own device, or for the one that a token speaks for which the client shows (RFC 8693).

use marque_sdk::{
    BlockRef,
    primitives::{DeviceId, Status, token::Confirmation},
};
use serde_json::{Map, Value};

use crate::{
    Client, DpopProof, GrantType, OAuthError, Rights,
    decide::{Case, Trail},
    exchange::{
        ChainToken, ExchangeRequest, Expected, Federation, ProvenKeys, RequestedTokenType, Source, Subject,
        SubjectToken, SubjectTokenError,
    },
    gateway::Gateway,
    grant,
    store::Remembered,
    token_status::revoked_id,
};

/// For whom a token is to be, and what narrows it down but policies and the chain.
#[derive(Debug)]
pub(crate) struct Principal {
    pub(crate) device: DeviceId,
    pub(crate) scopes: Vec<String>,
    /// What comes of the token that was shown, where one was.
    pub(crate) shown: Option<Shown>,
}

/// What comes of a token that was shown.
#[derive(Debug)]
pub(crate) struct Shown {
    /// When it expires, in seconds since the Unix epoch.
    pub(crate) expires_s: u64,
    /// What the new token says besides.
    pub(crate) claims: Map<String, Value>,
    /// What the new token is called.
    pub(crate) token_type: RequestedTokenType,
    /// What is used up by it, where it may be exchanged once.
    pub(crate) used: Option<Remembered>,
}

impl Principal {
    /// Whether the device may have anything. One that another speaks for is no client that failed to prove who it is.
    pub(crate) fn ensure_active(&self, rights: &Rights) -> Result<(), OAuthError> {
        let is_active = rights.entitlements.as_ref().is_some_and(|entitlements| entitlements.is_active);
        if self.shown.is_none() || is_active {
            Ok(())
        } else {
            Err(OAuthError::InvalidRequest("the device that subject_token speaks for is not active"))
        }
    }

    /// The key that the token is bound to. A key of the client's device is none of another's.
    pub(crate) fn confirmation(&self, client: &Client, proof: Option<&DpopProof>) -> Option<Confirmation> {
        match proof {
            Some(proof) => Some(Confirmation::Thumbprint(proof.thumbprint)),
            None => client.key.filter(|_| self.device == client.device).map(Confirmation::Key),
        }
    }
}

impl Gateway {
    /// Finds out for whom the token is to be.
    pub(crate) async fn principal(
        &self,
        case: Case<'_>,
        client: &Client,
        grant_type: GrantType,
        proof: Option<&DpopProof>,
        block: BlockRef,
        trail: &mut Trail,
    ) -> Result<Principal, OAuthError> {
        let mut principal = match grant_type {
            GrantType::ClientCredentials => {
                let default = &case.server.document.default_scopes;
                let scopes = grant::requested_scopes(case.form.get("scope"), default)?;
                Principal { device: client.device, scopes, shown: None }
            }
            GrantType::TokenExchange => {
                self.ensure_in_use(client, block).await?;
                self.exchange(case, client, proof, trail).await?
            }
        };
        trail.note("requestedScopes", principal.scopes.join(" "));
        if let Some(ceiling) = client.app.as_ref().and_then(|app| app.scopes.as_ref()) {
            principal.scopes.retain(|scope| ceiling.contains(scope));
        }
        let is_any = !principal.scopes.is_empty();
        is_any.then_some(principal).ok_or(OAuthError::InvalidScope("the client may ask for none of these scopes"))
    }

    /// An application may speak for another device only as long as its own is in use. Devices that are clients themselves have proved that.
    async fn ensure_in_use(&self, client: &Client, block: BlockRef) -> Result<(), OAuthError> {
        if client.app.is_none() {
            return Ok(());
        }
        let device = self.parts.directory.device(client.device, block).await?;
        let is_in_use = device.is_some_and(|device| device.status == Status::Active);
        if is_in_use { Ok(()) } else { Err(OAuthError::InvalidClient("the device is not active")) }
    }

    async fn exchange(
        &self,
        case: Case<'_>,
        client: &Client,
        proof: Option<&DpopProof>,
        trail: &mut Trail,
    ) -> Result<Principal, OAuthError> {
        let request = ExchangeRequest::read(case.form)?;
        let subject = self.subject(case, &request, &proven_keys(case, client, proof), trail).await?;
        self.ensure_not_revoked(case, &subject).await?;
        let stays_bound = proof.is_some() || (client.key.is_some() && subject.device.device == client.device);
        if subject.is_bound && !stays_bound {
            return Err(OAuthError::InvalidDpopProof(
                "a token that is bound to a key is exchanged for one that is: send a proof in the header DPoP",
            ));
        }
        trail.note("subjectIssuer", &*subject.issuer);
        trail.note("subject", &*subject.subject);
        trail.note("subjectTokenId", subject.token_id.clone());
        let mut claims = subject.claims.clone();
        if let Some(actor) = subject.act(&self.did(client.device))? {
            claims.insert("act".into(), actor);
        }
        let expires_ms = subject.expires_s.saturating_mul(1000);
        let shown = Shown {
            expires_s: subject.expires_s,
            claims,
            token_type: request.requested_token_type,
            used: subject.used_id.map(|id| Remembered { id, expires_ms }),
        };
        let scopes = subject.requested_scopes(request.scope.as_deref())?;
        Ok(Principal { device: subject.device.device, scopes, shown: Some(shown) })
    }

    /// What the token that is shown comes to: one of an issuer beyond the chain, which is known by its URL, or else one of the chain, which
    /// is known by the key that signed it.
    async fn subject(
        &self,
        case: Case<'_>,
        request: &ExchangeRequest,
        proven: &ProvenKeys,
        trail: &mut Trail,
    ) -> Result<Subject, OAuthError> {
        let (federations, server) = (&case.settings.federations, case.server.name());
        let (text, token_type) = (&request.subject_token, request.subject_token_type);
        let beyond = SubjectToken::read(text, token_type);
        if let Ok(token) = &beyond
            && let Some(federation) = token.issuer().and_then(|issuer| federations.external(server, issuer))
        {
            trail.note("federation", &*federation.name);
            return self.verify_beyond(token, &self.expected(federation, proven)).await;
        }
        if let Ok(token) = ChainToken::read(text, token_type)
            && let Some(federation) = federations.chain(server, token.issuer())
        {
            trail.note("federation", &*federation.name);
            let directory = &*self.parts.directory;
            return token.verify(directory, case.server.issuer(), &self.expected(federation, proven)).await;
        }
        Err(beyond.err().unwrap_or(SubjectTokenError::WrongIssuer).into())
    }

    async fn verify_beyond(&self, token: &SubjectToken, expected: &Expected<'_>) -> Result<Subject, OAuthError> {
        let Source::External(issuer) = &expected.federation.source else {
            return Err(SubjectTokenError::WrongIssuer.into());
        };
        let keys = issuer.keys.fetch(self.parts.key_source.as_deref(), token.key_id()).await;
        let keys = keys.map_err(|error| {
            tracing::warn!(%error, federation = expected.federation.name, "no tokens are exchanged");
            OAuthError::NoIssuerKeys
        })?;
        Ok(token.verify(&keys, expected)?)
    }

    /// The issuer may be an authorization server of this gateway, and have revoked the token beside the chain.
    async fn ensure_not_revoked(&self, case: Case<'_>, subject: &Subject) -> Result<(), OAuthError> {
        let issuer = case.settings.servers.values().find(|server| server.url() == subject.issuer);
        let Some((issuer, token_id)) = issuer.zip(subject.token_id.as_deref()) else { return Ok(()) };
        let is_revoked = self.parts.store.is_token_revoked(revoked_id(issuer.issuer(), token_id)).await?;
        if is_revoked { Err(SubjectTokenError::NotTrusted.into()) } else { Ok(()) }
    }

    fn expected<'a>(&self, federation: &'a Federation, proven: &'a ProvenKeys) -> Expected<'a> {
        Expected {
            federation,
            registry: self.parts.directory.registry(),
            proven,
            now_ms: self.now_ms(),
            skew_max_ms: self.parts.skew_max_ms,
        }
    }
}

/// The keys that a client proved to have: by what it signed, and in TLS.
fn proven_keys(case: Case<'_>, client: &Client, proof: Option<&DpopProof>) -> ProvenKeys {
    let thumbprints = client.signed_by.into_iter().chain(proof.map(|proof| proof.thumbprint));
    let certificates = case.certificate.map(|shown| shown.certificate.thumbprint.0);
    ProvenKeys { thumbprints: thumbprints.collect(), certificates: certificates.into_iter().collect() }
}
