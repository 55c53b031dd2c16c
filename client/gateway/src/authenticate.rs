//! Finding out who asks, for each endpoint that clients authenticate at.

use std::{collections::BTreeSet, sync::Arc};

use marque_sdk::BlockRef;

use crate::{
    Assertion, AssertionError, Client, Credentials, Expected, OAuthError,
    decide::{Case, Trail},
    gateway::Gateway,
    settings::App,
    store::Remembered,
};

/// Wrong, unknown and missing secrets look alike, and so do applications that are not active.
const WRONG_SECRET: OAuthError = OAuthError::InvalidClient("the client is unknown, or its secret is wrong");

impl Gateway {
    /// Finds out who asks. An assertion is used up as soon as it is known to be the device's.
    pub(crate) async fn authenticate(
        &self,
        case: Case<'_>,
        credentials: &Credentials,
        block: BlockRef,
        trail: &mut Trail,
    ) -> Result<Client, OAuthError> {
        match credentials {
            Credentials::Assertion(assertion) => self.by_assertion(case, assertion, block, trail).await,
            Credentials::Secret { client_id, secret } => {
                trail.client_id = Some(client_id.clone());
                self.by_secret(case, client_id, secret)
            }
        }
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
            now_ms: self.now_ms(),
            skew_max_ms: self.parts.skew_max_ms,
        };
        let assertion = Assertion::read(assertion, &expected)?;
        let (id, device) = (assertion.device.to_string(), assertion.device.device);
        trail.client_id = Some(id.clone());
        let key = assertion.verify(self.parts.directory.device(device, block).await?.as_ref())?;
        let used = Remembered { id: assertion.used_id, expires_ms: assertion.expires_ms };
        trail.uses.push((used, AssertionError::Replayed.into()));
        let profile = case.settings.devices.get(&id);
        let (fleet, labels) = profile.map_or((None, BTreeSet::new()), |it| (it.fleet.clone(), it.labels.clone()));
        Ok(Client { id, device, key: Some(key), app: None, fleet, labels })
    }

    fn by_secret(&self, case: Case<'_>, client_id: &str, secret: &str) -> Result<Client, OAuthError> {
        // What is not there is looked for in the same way as what is.
        let mac = self.parts.master_key.mac(client_id, secret).ok_or(OAuthError::Server)?;
        let app = case.settings.apps.get(client_id).filter(|app| app.is_active && app.has_secret(&mac));
        of_app(app.ok_or(WRONG_SECRET)?)
    }
}

fn of_app(app: &Arc<App>) -> Result<Client, OAuthError> {
    let did = app.did().ok_or(OAuthError::Server)?;
    Ok(Client {
        id: app.id.clone(),
        device: did.device,
        key: None,
        app: Some(app.clone()),
        fleet: app.fleet.clone(),
        labels: app.labels.clone(),
    })
}
