//! Finding out who asks, for each endpoint that clients authenticate at, and with what it proved that.

use std::{collections::BTreeSet, sync::Arc};

use marque_sdk::{
    BlockRef,
    did::Did,
    token::{Jwk, JwkSet},
};

use crate::{
    Assertion, AssertionError, Claimed, Client, Credentials, Expected, Factor, OAuthError, Presented,
    client::PeerCertificate,
    decide::{Case, Trail},
    gateway::Gateway,
    settings::{App, Authentication, Secret, has_secret},
    store::Remembered,
};

/// Wrong, unknown and missing secrets look alike, and so do applications that are not active or authenticate in another way.
const WRONG_SECRET: OAuthError = OAuthError::InvalidClient("the client is unknown, or its secret is wrong");
const NOTHING_SHOWN: OAuthError = OAuthError::InvalidClient("the client did not authenticate");
const WRONG_CERTIFICATE: OAuthError = OAuthError::InvalidClient("the client is unknown, or its certificate is another");

impl Gateway {
    /// Finds out who asks. An assertion is used up as soon as it is known to be the client's.
    pub(crate) async fn authenticate(
        &self,
        case: Case<'_>,
        presented: &Presented,
        block: BlockRef,
        trail: &mut Trail,
    ) -> Result<Client, OAuthError> {
        let mut client = match &presented.credentials {
            Credentials::Assertion(assertion) => self.by_assertion(case, assertion, block, trail).await?,
            Credentials::Secret { client_id, secret } => {
                trail.client_id = Some(client_id.clone());
                self.guess(case, client_id, trail, || self.by_secret(case, client_id, secret))?
            }
            Credentials::ClientId(client_id) => {
                let certificate = case.certificate.ok_or(NOTHING_SHOWN)?;
                trail.client_id = Some(client_id.clone());
                by_certificate(case, client_id, certificate)?
            }
        };
        if let Some(secret) = &presented.second_secret {
            let id = client.id.clone();
            self.guess(case, &id, trail, || self.add_secret(case, secret, &mut client))?;
        }
        add_certificate(case, &mut client);
        self.count_client(case, &client.id, trail).await?;
        let factors = client.factors.iter().map(|factor| serde_json::json!(factor)).collect::<Vec<_>>();
        trail.note("factors", factors);
        Ok(client)
    }

    async fn by_assertion(
        &self,
        case: Case<'_>,
        assertion: &str,
        block: BlockRef,
        trail: &mut Trail,
    ) -> Result<Client, OAuthError> {
        let expected = Expected {
            client_id: case.form.get("client_id"),
            audiences: [&case.server.token_endpoint, case.server.url()],
            registry: self.parts.directory.registry(),
            allows_apps: true,
            now_ms: self.now_ms(),
            skew_max_ms: self.parts.skew_max_ms,
        };
        let assertion = Assertion::read(assertion, &expected)?;
        trail.client_id = Some(assertion.claimed.to_string());
        let client = match &assertion.claimed {
            Claimed::Device(did) => self.as_device(case, did, &assertion, block).await?,
            Claimed::App(id) => as_app(case, id, &assertion)?,
        };
        let used = Remembered { id: assertion.used_id, expires_ms: assertion.expires_ms };
        trail.uses.push((used, AssertionError::Replayed.into()));
        Ok(client)
    }

    async fn as_device(
        &self,
        case: Case<'_>,
        did: &Did,
        assertion: &Assertion,
        block: BlockRef,
    ) -> Result<Client, OAuthError> {
        let key = assertion.verify(self.parts.directory.device(did.device, block).await?.as_ref())?;
        let id = did.to_string();
        let profile = case.settings.devices.get(&id);
        let (fleet, labels) = profile.map_or((None, BTreeSet::new()), |it| (it.fleet.clone(), it.labels.clone()));
        let factors = BTreeSet::from([Factor::DeviceKey]);
        let signed_by = Jwk::from_public_key(&key).ok().map(|key| key.thumbprint());
        Ok(Client { id, device: did.device, key: Some(key), signed_by, app: None, fleet, labels, factors })
    }

    fn by_secret(&self, case: Case<'_>, client_id: &str, secret: &str) -> Result<Client, OAuthError> {
        // What is not there is looked for in the same way as what is.
        let mac = self.parts.master_key.mac(client_id, secret).ok_or(OAuthError::Server)?;
        let app =
            active_app(case, client_id, Authentication::ClientSecret).filter(|app| has_secret(&app.secrets, &mac));
        of_app(app.ok_or(WRONG_SECRET)?, Factor::Secret)
    }

    /// Compares a secret, unless there were too many wrong ones.
    fn guess<T>(
        &self,
        case: Case<'_>,
        client_id: &str,
        trail: &mut Trail,
        compare: impl FnOnce() -> Result<T, OAuthError>,
    ) -> Result<T, OAuthError> {
        let (address, now_ms) = (case.caller.address, self.now_ms());
        if let Err(wait) = self.guesses.check(client_id, address, now_ms) {
            trail.is_quiet = true;
            return Err(wait.into());
        }
        let compared = compare();
        match &compared {
            Ok(_) => self.guesses.succeeded(client_id, address),
            Err(OAuthError::InvalidClient(_)) => self.guesses.failed(client_id, address, now_ms),
            Err(_) => {}
        }
        compared
    }

    /// A second secret that is wrong is no proof that is left out, but a wrong one.
    fn add_secret(&self, case: Case<'_>, secret: &str, client: &mut Client) -> Result<(), OAuthError> {
        let mac = self.parts.master_key.mac(&client.id, secret).ok_or(OAuthError::Server)?;
        let kept: &[Secret] = match &client.app {
            Some(app) => &app.secrets,
            None => case.settings.devices.get(&client.id).map_or(&[], |profile| &profile.secrets),
        };
        if !has_secret(kept, &mac) {
            return Err(WRONG_SECRET);
        }
        client.factors.insert(Factor::Secret);
        Ok(())
    }
}

/// A certificate that the client is known by proves one thing more; another one, which a proxy may have, nothing.
fn add_certificate(case: Case<'_>, client: &mut Client) {
    let binding = match &client.app {
        Some(app) => app.certificate.as_ref(),
        None => case.settings.devices.get(&client.id).and_then(|profile| profile.certificate.as_ref()),
    };
    if binding.zip(case.certificate).is_some_and(|(binding, shown)| shown.is_of(binding)) {
        client.factors.insert(Factor::Certificate);
    }
}

fn as_app(case: Case<'_>, id: &str, assertion: &Assertion) -> Result<Client, OAuthError> {
    let app = active_app(case, id, Authentication::PrivateKeyJwt).ok_or(AssertionError::InvalidSignature)?;
    let keys = app.jwks.as_ref().and_then(|keys| JwkSet::from_json(&keys.to_string()).ok());
    let keys = keys.ok_or(AssertionError::InvalidSignature)?.keys;
    let signed_by = assertion.verify_by_keys(&keys)?.key.jwk().thumbprint();
    Ok(Client { signed_by: Some(signed_by), ..of_app(app, Factor::RegisteredKey)? })
}

fn by_certificate(case: Case<'_>, client_id: &str, shown: &PeerCertificate) -> Result<Client, OAuthError> {
    let app = active_app(case, client_id, Authentication::TlsClientAuth);
    let app = app.filter(|app| app.certificate.as_ref().is_some_and(|binding| shown.is_of(binding)));
    of_app(app.ok_or(WRONG_CERTIFICATE)?, Factor::Certificate)
}

fn active_app<'a>(case: Case<'a>, id: &str, authentication: Authentication) -> Option<&'a Arc<App>> {
    let is_good =
        |app: &&Arc<App>| app.is_active && app.authentication == authentication && app.is_of(case.server.name());
    case.settings.apps.get(id).filter(is_good)
}

fn of_app(app: &Arc<App>, factor: Factor) -> Result<Client, OAuthError> {
    let did = app.did().ok_or(OAuthError::Server)?;
    Ok(Client {
        id: app.id.clone(),
        device: did.device,
        key: None,
        signed_by: None,
        app: Some(app.clone()),
        fleet: app.fleet.clone(),
        labels: app.labels.clone(),
        factors: BTreeSet::from([factor]),
    })
}
