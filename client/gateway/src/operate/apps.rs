//! Applications and their secrets.

use std::{collections::BTreeSet, fmt, sync::Arc};

use marque_sdk::primitives::TimestampMs;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{By, ChangeError, Deed};
use crate::{
    client::{CertificateBinding, generate_secret},
    gateway::Gateway,
    log::{EventType, Lifecycle},
    policy::GrantType,
    random,
    settings::{App, Authentication, Secret, Settings, put},
    store::{Change, Kind},
};

/// What an operator says of an application that it makes or changes.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApp {
    /// What people call it: 1 to 100 printable characters.
    pub label: String,
    /// The DID of the device that it acts for: what that one may have is the ceiling.
    pub device: String,
    /// How it says who it is. `client_secret`, if left out.
    #[serde(default = "by_secret")]
    pub authentication: Authentication,
    /// How it may ask for tokens. `client_credentials`, if left out.
    #[serde(default = "client_credentials")]
    pub grant_types: BTreeSet<GrantType>,
    /// The fleet that it belongs to.
    #[serde(default)]
    pub fleet: Option<String>,
    /// What else it is, such as `site=graz`.
    #[serde(default)]
    pub labels: BTreeSet<String>,
    /// The network zones that it may ask from; from anywhere, if there are none.
    #[serde(default)]
    pub zones: BTreeSet<String>,
    /// Its public keys (RFC 7517), for `private_key_jwt`.
    #[serde(default)]
    pub jwks: Option<serde_json::Value>,
    /// How its certificates are known.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub certificate: Option<CertificateBinding>,
    /// Whether its tokens must be bound to a key by DPoP (RFC 9449).
    #[serde(default)]
    pub requires_dpop: bool,
    /// The scopes that it may ask for: 1 to 64. Left out, whatever policies give.
    #[serde(default)]
    pub scopes: Option<BTreeSet<String>>,
}

const fn by_secret() -> Authentication {
    Authentication::ClientSecret
}

fn client_credentials() -> BTreeSet<GrantType> {
    BTreeSet::from([GrantType::ClientCredentials])
}

/// A secret that was just made: it is shown this once.
pub struct NewSecret {
    /// What it is called, to deactivate and delete it by.
    pub id: String,
    /// The secret.
    pub secret: Zeroizing<String>,
}

impl fmt::Debug for NewSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewSecret({})", self.id)
    }
}

const APP: &str = "app";
const SECRET: &str = "client_secret";
const LAST_SECRET: &str = "it is active: deactivate it before it is deleted";

impl Gateway {
    /// The applications, in the order of their ids.
    pub fn apps(&self) -> Vec<Arc<App>> {
        let mut apps: Vec<Arc<App>> = self.settings().apps.values().cloned().collect();
        apps.sort_by(|one, other| one.id.cmp(&other.id));
        apps
    }

    /// An application.
    ///
    /// # Errors
    /// [`ChangeError::NotFound`].
    pub fn app(&self, id: &str) -> Result<Arc<App>, ChangeError> {
        app(&self.settings(), id).cloned()
    }

    /// Makes an application, and says its client id. It has no secret yet.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn create_app(&self, by: By<'_>, new: &NewApp) -> Result<App, ChangeError> {
        let id = random::client_id(&*self.parts.random).ok_or(ChangeError::NoRandomness)?;
        let app = new.to_app(&id, Vec::new(), true, self.now_ms());
        self.change(by, deed(EventType::App(Lifecycle::Created), APP, &id), |settings| {
            if settings.apps.contains_key(&id) {
                return Err(ChangeError::AlreadyExists("application"));
            }
            Ok(vec![put(Kind::App, &*id, &app)])
        })
        .await?;
        Ok(app)
    }

    /// Changes what an application is. Its secrets, where it registered itself, and whether it may act, stay.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn update_app(&self, by: By<'_>, id: &str, new: &NewApp) -> Result<Arc<App>, ChangeError> {
        self.change_app(by, id, EventType::App(Lifecycle::Updated), |app| {
            let changed = new.to_app(&app.id, app.secrets.clone(), app.is_active, app.created_ms);
            Ok(App { registration: app.registration.clone(), metadata: app.metadata.clone(), ..changed })
        })
        .await
    }

    /// Lets an application act, or not.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn set_app_active(&self, by: By<'_>, id: &str, is_active: bool) -> Result<Arc<App>, ChangeError> {
        let lifecycle = if is_active { Lifecycle::Activated } else { Lifecycle::Deactivated };
        self.change_app(by, id, EventType::App(lifecycle), |app| Ok(App { is_active, ..app.clone() })).await
    }

    /// Deletes an application, which must not be active.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn delete_app(&self, by: By<'_>, id: &str) -> Result<(), ChangeError> {
        self.change(by, deed(EventType::App(Lifecycle::Deleted), APP, id), |settings| {
            if app(settings, id)?.is_active {
                return Err(ChangeError::NotAllowed("the application is active: deactivate it before it is deleted"));
            }
            Ok(vec![Change::Remove { kind: Kind::App, id: id.to_owned() }])
        })
        .await
    }

    /// Makes a secret for an application, of which two may count at once.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn create_secret(&self, by: By<'_>, id: &str) -> Result<NewSecret, ChangeError> {
        let (new, kept) = self.new_secret(id)?;
        self.change_app(by, id, EventType::Secret(Lifecycle::Created), |app| {
            let mut app = app.clone();
            app.secrets.push(kept.clone());
            Ok(app)
        })
        .await?;
        Ok(new)
    }

    /// A new secret of a client, and what is kept of it.
    pub(crate) fn new_secret(&self, client_id: &str) -> Result<(NewSecret, Secret), ChangeError> {
        let random = &*self.parts.random;
        let secret = generate_secret(random).ok_or(ChangeError::NoRandomness)?;
        let id = random::uuid(random).ok_or(ChangeError::NoRandomness)?;
        let mac = self.parts.master_key.mac(client_id, &secret).ok_or(ChangeError::NoRandomness)?;
        let kept = Secret { id: id.clone(), mac, is_active: true, created_ms: self.now_ms() };
        Ok((NewSecret { id, secret }, kept))
    }

    /// Lets a secret count, or not.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn set_secret_active(
        &self,
        by: By<'_>,
        id: &str,
        secret: &str,
        is_active: bool,
    ) -> Result<(), ChangeError> {
        let lifecycle = if is_active { Lifecycle::Activated } else { Lifecycle::Deactivated };
        self.change_app(by, id, EventType::Secret(lifecycle), |app| {
            let mut app = app.clone();
            let kept = app.secrets.iter_mut().find(|kept| kept.id == secret);
            kept.ok_or(ChangeError::NotFound("secret"))?.is_active = is_active;
            Ok(app)
        })
        .await?;
        Ok(())
    }

    /// Deletes a secret that counts no more.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn delete_secret(&self, by: By<'_>, id: &str, secret: &str) -> Result<(), ChangeError> {
        self.change_app(by, id, EventType::Secret(Lifecycle::Deleted), |app| {
            let mut app = app.clone();
            let place = app.secrets.iter().position(|kept| kept.id == secret);
            if app.secrets.remove(place.ok_or(ChangeError::NotFound("secret"))?).is_active {
                return Err(ChangeError::NotAllowed(LAST_SECRET));
            }
            Ok(app)
        })
        .await?;
        Ok(())
    }

    async fn change_app(
        &self,
        by: By<'_>,
        id: &str,
        event_type: EventType,
        make: impl Fn(&App) -> Result<App, ChangeError> + Send + Sync,
    ) -> Result<Arc<App>, ChangeError> {
        let target = if matches!(event_type, EventType::Secret(_)) { SECRET } else { APP };
        self.change(by, deed(event_type, target, id), |settings| {
            Ok(vec![put(Kind::App, id, &make(app(settings, id)?)?)])
        })
        .await?;
        app(&self.settings(), id).cloned()
    }
}

impl NewApp {
    fn to_app(&self, id: &str, secrets: Vec<Secret>, is_active: bool, created_ms: TimestampMs) -> App {
        App {
            id: id.to_owned(),
            label: self.label.clone(),
            is_active,
            device: self.device.clone(),
            authentication: self.authentication,
            grant_types: self.grant_types.clone(),
            fleet: self.fleet.clone(),
            labels: self.labels.clone(),
            zones: self.zones.clone(),
            jwks: self.jwks.clone(),
            certificate: self.certificate.clone(),
            requires_dpop: self.requires_dpop,
            scopes: self.scopes.clone(),
            registration: None,
            metadata: serde_json::Map::new(),
            secrets,
            created_ms,
        }
    }
}

fn app<'a>(settings: &'a Settings, id: &str) -> Result<&'a Arc<App>, ChangeError> {
    settings.apps.get(id).ok_or(ChangeError::NotFound("application"))
}

const fn deed<'a>(event_type: EventType, kind: &'static str, id: &'a str) -> Deed<'a> {
    Deed { event_type, server: None, target: (kind, id) }
}
