//! Authorization servers, policies and devices.

use super::{By, ChangeError, Deed};
use crate::{
    gateway::{Gateway, ensure_on_chain},
    log::{EventType, Lifecycle},
    policy::Policy,
    settings::{DeviceProfile, ServerDocument, Settings, policy_id, put},
    store::{Change, Kind},
};

impl Gateway {
    /// Sets up an authorization server, or changes how it is set up.
    ///
    /// # Errors
    /// [`ChangeError::NotAllowed`] where it would become another one on the chain; [`ChangeError::Gateway`] where the chain does not have it
    /// so; [`ChangeError`].
    pub async fn put_server(&self, by: By<'_>, server: &ServerDocument) -> Result<(), ChangeError> {
        let name = &*server.name;
        let changes = vec![put(Kind::Server, name, server)];
        let next = self.settings().with(&changes)?;
        if let Some(server) = next.servers.get(name) {
            ensure_on_chain(server, &self.parts).await?;
        }
        let known = self.settings().servers.contains_key(name);
        let deed = Deed {
            event_type: EventType::Server(if known { Lifecycle::Updated } else { Lifecycle::Created }),
            server: Some(name),
            target: ("authorization_server", name),
        };
        self.change(by, deed, |settings| {
            let before = settings.servers.get(name).map(|known| &known.document);
            if before.is_some_and(|known| (known.issuer, &known.url) != (server.issuer, &server.url)) {
                return Err(ChangeError::NotAllowed("an authorization server stays the same one on the chain"));
            }
            Ok(changes.clone())
        })
        .await
    }

    /// The authorization servers.
    pub fn servers(&self) -> Vec<ServerDocument> {
        self.settings().of_kind(Kind::Server)
    }

    /// The policies of an authorization server, in order.
    ///
    /// # Errors
    /// [`ChangeError::NotFound`].
    pub fn policies(&self, server: &str) -> Result<Vec<Policy>, ChangeError> {
        let settings = self.settings();
        let server = settings.servers.get(server).ok_or(NO_SERVER)?;
        Ok(server.policies.all().to_vec())
    }

    /// Puts in a policy, or changes the one of its name.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn put_policy(&self, by: By<'_>, server: &str, policy: &Policy) -> Result<(), ChangeError> {
        let id = policy_id(server, &policy.name);
        let known = self.settings().document::<Policy>(Kind::Policy, &id).is_some();
        let lifecycle = if known { Lifecycle::Updated } else { Lifecycle::Created };
        let deed =
            Deed { event_type: EventType::Policy(lifecycle), server: Some(server), target: ("policy", &policy.name) };
        self.change(by, deed, |settings| {
            ensure_server(settings, server)?;
            Ok(vec![put(Kind::Policy, &*id, policy)])
        })
        .await
    }

    /// Takes out a policy.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn delete_policy(&self, by: By<'_>, server: &str, policy: &str) -> Result<(), ChangeError> {
        let event_type = EventType::Policy(Lifecycle::Deleted);
        let deed = Deed { event_type, server: Some(server), target: ("policy", policy) };
        self.change(by, deed, |settings| remove::<Policy>(settings, Kind::Policy, policy_id(server, policy), "policy"))
            .await
    }

    /// Puts in what is known of a device.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn put_device(&self, by: By<'_>, device: &DeviceProfile) -> Result<(), ChangeError> {
        let known = self.settings().devices.contains_key(&device.did);
        let lifecycle = if known { Lifecycle::Updated } else { Lifecycle::Created };
        let deed = Deed { event_type: EventType::Device(lifecycle), server: None, target: ("device", &device.did) };
        self.change(by, deed, |_| Ok(vec![put(Kind::Device, &*device.did, device)])).await
    }

    /// Forgets what is known of a device here.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn delete_device(&self, by: By<'_>, did: &str) -> Result<(), ChangeError> {
        let deed = Deed { event_type: EventType::Device(Lifecycle::Deleted), server: None, target: ("device", did) };
        self.change(by, deed, |settings| remove::<DeviceProfile>(settings, Kind::Device, did.to_owned(), "device"))
            .await
    }
}

const NO_SERVER: ChangeError = ChangeError::NotFound("authorization server");

fn ensure_server(settings: &Settings, server: &str) -> Result<(), ChangeError> {
    if settings.servers.contains_key(server) { Ok(()) } else { Err(NO_SERVER) }
}

fn remove<T: serde::de::DeserializeOwned>(
    settings: &Settings,
    kind: Kind,
    id: String,
    what: &'static str,
) -> Result<Vec<Change>, ChangeError> {
    if settings.document::<T>(kind, &id).is_none() {
        return Err(ChangeError::NotFound(what));
    }
    Ok(vec![Change::Remove { kind, id }])
}
