//! Authorization servers, policies and devices.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{By, ChangeError, Deed, NewSecret};
use crate::{
    CertificateBinding,
    gateway::{Gateway, ensure_on_chain},
    log::{EventType, Lifecycle},
    policy::{Policy, Zone},
    settings::{DeviceProfile, ServerDocument, Settings, id_at, put},
    store::{Change, Kind},
};

impl Gateway {
    /// Sets up an authorization server, or changes how it is set up.
    ///
    /// # Errors
    /// [`ChangeError::NotAllowed`] where it would become another one on the chain; [`ChangeError::Gateway`] where the chain does not have it
    /// so; [`ChangeError::Authority`] where it is set up, and its keys can't be put on the chain yet; [`ChangeError`].
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
            if before.is_some_and(|known| known.algorithm != server.algorithm) {
                return Err(ChangeError::NotAllowed("an authorization server keeps its algorithm: set up another one"));
            }
            Ok(changes.clone())
        })
        .await?;
        self.tend_server(name, self.now_ms()).await
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
        let id = id_at(server, &policy.name);
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
        self.change(by, deed, |settings| remove::<Policy>(settings, Kind::Policy, id_at(server, policy), "policy"))
            .await
    }

    /// The network zones, in the order of their names.
    pub fn zones(&self) -> Vec<Zone> {
        self.settings().zones.clone()
    }

    /// Puts in a network zone, or changes the one of its name.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn put_zone(&self, by: By<'_>, zone: &Zone) -> Result<(), ChangeError> {
        let known = self.settings().zones.iter().any(|known| known.name == zone.name);
        let lifecycle = if known { Lifecycle::Updated } else { Lifecycle::Created };
        let deed = Deed { event_type: EventType::Zone(lifecycle), server: None, target: ("zone", &zone.name) };
        self.change(by, deed, |_| Ok(vec![put(Kind::Zone, &*zone.name, zone)])).await
    }

    /// Takes out a network zone that no rule and no application names.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn delete_zone(&self, by: By<'_>, name: &str) -> Result<(), ChangeError> {
        let deed = Deed { event_type: EventType::Zone(Lifecycle::Deleted), server: None, target: ("zone", name) };
        self.change(by, deed, |settings| remove::<Zone>(settings, Kind::Zone, name.to_owned(), "zone")).await
    }

    /// What is known of devices here.
    pub fn devices(&self) -> Vec<DeviceProfile> {
        self.settings().of_kind(Kind::Device)
    }

    /// Puts in what is known of a device. Its secrets stay.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn put_device(&self, by: By<'_>, did: &str, new: &NewDevice) -> Result<DeviceProfile, ChangeError> {
        let known = self.settings().devices.contains_key(did);
        let lifecycle = if known { Lifecycle::Updated } else { Lifecycle::Created };
        let make = |settings: &Settings| DeviceProfile {
            did: did.to_owned(),
            fleet: new.fleet.clone(),
            labels: new.labels.clone(),
            certificate: new.certificate.clone(),
            secrets: settings.devices.get(did).map(|known| known.secrets.clone()).unwrap_or_default(),
        };
        let deed = device_deed(EventType::Device(lifecycle), did);
        self.change(by, deed, |settings| Ok(vec![put(Kind::Device, did, &make(settings))])).await?;
        Ok(make(&self.settings()))
    }

    /// Makes a secret for a device that something is known of here, for rules that want one beside its key. It takes the place of the one
    /// before.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn create_device_secret(&self, by: By<'_>, did: &str) -> Result<NewSecret, ChangeError> {
        let (new, kept) = self.new_secret(did)?;
        self.change(by, device_deed(EventType::Secret(Lifecycle::Created), did), |settings| {
            let known = settings.devices.get(did).ok_or(ChangeError::NotFound("device"))?;
            let device = DeviceProfile { secrets: vec![kept.clone()], ..(**known).clone() };
            Ok(vec![put(Kind::Device, did, &device)])
        })
        .await?;
        Ok(new)
    }

    /// Forgets what is known of a device here.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn delete_device(&self, by: By<'_>, did: &str) -> Result<(), ChangeError> {
        let deed = device_deed(EventType::Device(Lifecycle::Deleted), did);
        self.change(by, deed, |settings| remove::<DeviceProfile>(settings, Kind::Device, did.to_owned(), "device"))
            .await
    }
}

/// What an operator says of a device.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// The fleet that it belongs to.
    #[serde(default)]
    pub fleet: Option<String>,
    /// What else it is, such as `site=graz`.
    #[serde(default)]
    pub labels: BTreeSet<String>,
    /// How its certificates are known, for rules that want one beside its key.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub certificate: Option<CertificateBinding>,
}

const fn device_deed<'a>(event_type: EventType, did: &'a str) -> Deed<'a> {
    Deed { event_type, server: None, target: ("device", did) }
}

const NO_SERVER: ChangeError = ChangeError::NotFound("authorization server");

pub(super) fn ensure_server(settings: &Settings, server: &str) -> Result<(), ChangeError> {
    if settings.servers.contains_key(server) { Ok(()) } else { Err(NO_SERVER) }
}

pub(super) fn remove<T: serde::de::DeserializeOwned>(
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
