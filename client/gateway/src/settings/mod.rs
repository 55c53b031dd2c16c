//! The settings of a gateway: its authorization servers with their policies, its applications, and who operates it. They are kept as
//! documents, one for each of these, and read as a whole: what does not fit together is never taken.

mod app;
mod device;
mod operator;
mod server;

pub(crate) use app::has_secret;
pub use app::{App, AppError, Authentication, Registration, SECRETS_ACTIVE_MAX, Secret};
pub use device::DeviceProfile;
pub use operator::{Operator, Role};
pub(crate) use server::Server;
pub use server::ServerDocument;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use marque_sdk::primitives::RegistryId;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    exchange::{Federation, FederationError, Federations},
    keys::{KeyDocument, KeyError, KeyRing},
    policy::{Policies, Policy, PolicyError, Zone, ZoneError},
    registration::InitialAccess,
    store::{Change, Document, Kind},
};

/// Why settings are not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A document is not of its kind's form.
    #[error("the {} `{id}` is not in the form of one: {reason}", kind.name())]
    Unreadable {
        /// Its kind.
        kind: Kind,
        /// Its id.
        id: String,
        /// What is wrong.
        reason: String,
    },
    /// A document says that it is another one.
    #[error("the {} `{id}` has another one's name", kind.name())]
    Misplaced {
        /// Its kind.
        kind: Kind,
        /// Its id.
        id: String,
    },
    /// A document belongs to an authorization server that is not there.
    #[error("there is no authorization server `{server}`")]
    NoServer {
        /// Its name.
        server: String,
    },
    /// An authorization server's name can't be part of a URL.
    #[error("`{name}` is no name of an authorization server: take 1 to 32 of a-z, 0-9 and -")]
    InvalidServerName {
        /// The name.
        name: String,
    },
    /// A policy is refused.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A network zone is refused.
    #[error(transparent)]
    Zone(#[from] ZoneError),
    /// A rule or an application names a network zone that is not there.
    #[error("there is no network zone `{name}`: a rule or an application names it")]
    NoZone {
        /// Its name.
        name: String,
    },
    /// A signing key is refused.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An application, or what is known of a device, is refused.
    #[error(transparent)]
    App(#[from] AppError),
    /// A federated issuer is refused.
    #[error(transparent)]
    Federation(#[from] FederationError),
}

/// All settings, as of a revision.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) revision: u64,
    pub(crate) servers: BTreeMap<String, Arc<Server>>,
    pub(crate) apps: HashMap<String, Arc<App>>,
    pub(crate) devices: HashMap<String, Arc<DeviceProfile>>,
    pub(crate) zones: Vec<Zone>,
    pub(crate) operators: HashMap<String, Arc<Operator>>,
    pub(crate) federations: Federations,
    pub(crate) initial_access: HashMap<String, Arc<InitialAccess>>,
    registry: RegistryId,
    documents: BTreeMap<(Kind, String), Document>,
}

impl Settings {
    /// Reads the documents of a revision, for the devices of a registry.
    ///
    /// # Errors
    /// [`SettingsError`], of the first document that does not fit.
    pub(crate) fn read(registry: RegistryId, revision: u64, documents: Vec<Document>) -> Result<Self, SettingsError> {
        let documents =
            documents.into_iter().map(|document| ((document.kind, document.id.clone()), document)).collect();
        Self::of(registry, revision, documents)
    }

    /// These settings after some changes, as of the next revision.
    ///
    /// # Errors
    /// [`SettingsError`]: what would come of them does not fit together.
    pub(crate) fn with(&self, changes: &[Change]) -> Result<Self, SettingsError> {
        let mut documents = self.documents.clone();
        for change in changes {
            match change {
                Change::Put(document) => {
                    documents.insert((document.kind, document.id.clone()), document.clone());
                }
                Change::Remove { kind, id } => {
                    documents.remove(&(*kind, id.clone()));
                }
            }
        }
        Self::of(self.registry, self.revision.saturating_add(1), documents)
    }

    fn of(
        registry: RegistryId,
        revision: u64,
        documents: BTreeMap<(Kind, String), Document>,
    ) -> Result<Self, SettingsError> {
        let of_kind = |kind| documents.values().filter(move |document: &&Document| document.kind == kind);
        let mut policies = policies(of_kind(Kind::Policy))?;
        let mut keys = keys(of_kind(Kind::Key))?;
        let mut servers = BTreeMap::new();
        for document in of_kind(Kind::Server) {
            let server: ServerDocument = parse(document)?;
            ensure_place(document, &server.name)?;
            let policies = Policies::new(policies.remove(&server.name).unwrap_or_default())?;
            let keys = KeyRing::new(keys.remove(&server.name).unwrap_or_default())?;
            servers.insert(server.name.clone(), Arc::new(Server::new(server, policies, keys)?));
        }
        if let Some(server) = policies.into_keys().chain(keys.into_keys()).next() {
            return Err(SettingsError::NoServer { server });
        }
        let apps = by_id(of_kind(Kind::App), |app: &App| &app.id)?;
        apps.values().try_for_each(|app| app.validate())?;
        let devices = by_id(of_kind(Kind::Device), |device: &DeviceProfile| &device.did)?;
        devices.values().try_for_each(|device| device.validate())?;
        let zones = zones(of_kind(Kind::Zone))?;
        ensure_zones(&zones, &servers, &apps)?;
        let operators = by_id(of_kind(Kind::Operator), |operator: &Operator| &operator.id)?;
        let federations = federations(of_kind(Kind::Federation), registry)?;
        let initial_access = by_id(of_kind(Kind::InitialAccess), |access: &InitialAccess| &access.id)?;
        let by_apps = apps.values().filter_map(|app| app.registration.as_ref()).map(|it| it.server.as_str());
        ensure_servers(&servers, federations.servers().chain(by_apps))?;
        Ok(Self {
            revision,
            servers,
            apps,
            devices,
            zones,
            operators,
            federations,
            initial_access,
            registry,
            documents,
        })
    }

    /// What a document says, as it was taken.
    pub(crate) fn document<T: DeserializeOwned>(&self, kind: Kind, id: &str) -> Option<T> {
        parse(self.documents.get(&(kind, id.to_owned()))?).ok()
    }

    /// The documents of a kind.
    pub(crate) fn of_kind<T: DeserializeOwned>(&self, kind: Kind) -> Vec<T> {
        self.documents.values().filter(|document| document.kind == kind).filter_map(|it| parse(it).ok()).collect()
    }
}

/// Where something of an authorization server is kept that has a name of its own there.
pub(crate) fn id_at(server: &str, name: &str) -> String {
    format!("{server}/{name}")
}

/// Puts a document in its place.
pub(crate) fn put(kind: Kind, id: impl Into<String>, body: &impl Serialize) -> Change {
    // What is serialised here has text for keys and nothing that JSON can't say.
    Change::Put(Document { kind, id: id.into(), body: serde_json::to_string(body).unwrap_or_default() })
}

fn parse<T: DeserializeOwned>(document: &Document) -> Result<T, SettingsError> {
    serde_json::from_str(&document.body).map_err(|error| SettingsError::Unreadable {
        kind: document.kind,
        id: document.id.clone(),
        reason: error.to_string(),
    })
}

fn ensure_place(document: &Document, named: &str) -> Result<(), SettingsError> {
    let is_placed = document.id == named;
    is_placed.then_some(()).ok_or_else(|| SettingsError::Misplaced { kind: document.kind, id: document.id.clone() })
}

fn by_id<'a, T: DeserializeOwned>(
    documents: impl Iterator<Item = &'a Document>,
    id: impl Fn(&T) -> &String,
) -> Result<HashMap<String, Arc<T>>, SettingsError> {
    let read = |document| {
        let parsed: T = parse(document)?;
        ensure_place(document, id(&parsed))?;
        Ok((document.id.clone(), Arc::new(parsed)))
    };
    documents.map(read).collect()
}

/// The network zones, in the order of their names.
fn zones<'a>(documents: impl Iterator<Item = &'a Document>) -> Result<Vec<Zone>, SettingsError> {
    let read = |document| {
        let zone: Zone = parse(document)?;
        ensure_place(document, &zone.name)?;
        zone.validate()?;
        Ok(zone)
    };
    documents.map(read).collect()
}

/// Whether each network zone that is named is there.
fn ensure_zones(
    zones: &[Zone],
    servers: &BTreeMap<String, Arc<Server>>,
    apps: &HashMap<String, Arc<App>>,
) -> Result<(), SettingsError> {
    let by_rules = servers.values().flat_map(|server| server.policies.zones());
    let by_apps = apps.values().flat_map(|app| app.zones.iter().map(String::as_str));
    match by_rules.chain(by_apps).find(|name| !zones.iter().any(|zone| zone.name == *name)) {
        Some(name) => Err(SettingsError::NoZone { name: name.to_owned() }),
        None => Ok(()),
    }
}

/// Whether each authorization server that is named is there.
fn ensure_servers<'a>(
    servers: &BTreeMap<String, Arc<Server>>,
    mut named: impl Iterator<Item = &'a str>,
) -> Result<(), SettingsError> {
    match named.find(|name| !servers.contains_key(*name)) {
        Some(name) => Err(SettingsError::NoServer { server: name.to_owned() }),
        None => Ok(()),
    }
}

fn federations<'a>(
    documents: impl Iterator<Item = &'a Document>,
    registry: RegistryId,
) -> Result<Federations, SettingsError> {
    let read = |document| {
        let federation: Federation = parse(document)?;
        ensure_place(document, &id_at(&federation.server, &federation.name))?;
        Ok(federation)
    };
    let federations = documents.map(read).collect::<Result<_, SettingsError>>()?;
    Ok(Federations::new(federations, registry)?)
}

/// The signing keys of each authorization server.
fn keys<'a>(
    documents: impl Iterator<Item = &'a Document>,
) -> Result<BTreeMap<String, Vec<KeyDocument>>, SettingsError> {
    let mut keys: BTreeMap<String, Vec<KeyDocument>> = BTreeMap::new();
    for document in documents {
        let key: KeyDocument = parse(document)?;
        ensure_place(document, &key.id())?;
        keys.entry(key.server.clone()).or_default().push(key);
    }
    Ok(keys)
}

/// The policies of each authorization server.
fn policies<'a>(documents: impl Iterator<Item = &'a Document>) -> Result<BTreeMap<String, Vec<Policy>>, SettingsError> {
    let mut policies: BTreeMap<String, Vec<Policy>> = BTreeMap::new();
    for document in documents {
        let policy: Policy = parse(document)?;
        let (server, _) = document.id.split_once('/').unwrap_or((&document.id, ""));
        ensure_place(document, &id_at(server, &policy.name))?;
        policies.entry(server.to_owned()).or_default().push(policy);
    }
    Ok(policies)
}
