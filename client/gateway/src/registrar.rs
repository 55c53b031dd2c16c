//! Clients that register themselves (RFC 7591), and change their registration (RFC 7592): who asks is found out first, and success and
//! failure are both written down. What a client reads of itself changes nothing, and is not.

use std::{future::Future, sync::Arc};

use marque_sdk::primitives::access;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    OAuthError,
    decide::{Answer, failed},
    gateway::Gateway,
    log::{Actor, Caller, EventType, Lifecycle},
    operate::{By, ChangeError, Deed},
    random,
    registration::{
        BearerToken, ClientInformation, ClientMetadata, ClientUpdate, InitialAccess, NewCredentials, RegistrationError,
    },
    settings::{App, Authentication, Registration, Secret, Settings, has_secret, put},
    store::{Change, Kind},
};

const WRONG_SECRET: RegistrationError =
    RegistrationError::InvalidClientMetadata("client_secret is none that this client has: leave it out");
const UNFIT: RegistrationError =
    RegistrationError::InvalidClientMetadata("this does not go with what the operator set: ask the operator");

/// A request of a client that registers, or that is registered.
pub(crate) struct RegistrationRequest {
    /// The header `Authorization`.
    pub(crate) authorization: Option<Zeroizing<String>>,
    pub(crate) body: Result<Vec<u8>, RegistrationError>,
    pub(crate) caller: Caller,
}

/// A client's registration, or the refusal that it is told.
pub(crate) type Registered<T> = Answer<Result<T, RegistrationError>>;

/// What is asked for.
#[derive(Clone, Copy)]
struct Errand<'a> {
    server: &'a str,
    request: &'a RegistrationRequest,
    lifecycle: Lifecycle,
    /// The client's id, where it has one.
    client_id: Option<&'a str>,
}

impl Gateway {
    /// Registers a client; `None` where there is no authorization server of this name, as for all that follow.
    pub(crate) async fn register_client(
        &self,
        server: &str,
        request: &RegistrationRequest,
    ) -> Option<Registered<Value>> {
        let errand = Errand { server, request, lifecycle: Lifecycle::Created, client_id: None };
        self.run(errand, self.create_client(server, request)).await
    }

    /// What a client's registration is.
    pub(crate) async fn read_client(
        &self,
        server: &str,
        client_id: &str,
        request: &RegistrationRequest,
    ) -> Option<Registered<Value>> {
        let errand = Errand { server, request, lifecycle: Lifecycle::Updated, client_id: Some(client_id) };
        let read = async {
            let shown = request.token()?;
            let settings = self.settings();
            let app = self.registered(&settings, server, client_id, &shown)?;
            self.describe(&settings, server, app, None, shown.text())
        };
        self.run(errand, read).await
    }

    /// Changes a client's registration, as a whole.
    pub(crate) async fn update_client(
        &self,
        server: &str,
        client_id: &str,
        request: &RegistrationRequest,
    ) -> Option<Registered<Value>> {
        let errand = Errand { server, request, lifecycle: Lifecycle::Updated, client_id: Some(client_id) };
        self.run(errand, self.replace_client(errand, client_id)).await
    }

    /// Ends a client's registration. Its tokens are good until they expire.
    pub(crate) async fn delete_client(
        &self,
        server: &str,
        client_id: &str,
        request: &RegistrationRequest,
    ) -> Option<Registered<()>> {
        let errand = Errand { server, request, lifecycle: Lifecycle::Deleted, client_id: Some(client_id) };
        let delete = async {
            let shown = request.token()?;
            self.registered(&self.settings(), server, client_id, &shown)?;
            self.change(errand.by(Some(client_id)), errand.deed(client_id), |settings| {
                self.registered(settings, server, client_id, &shown)?;
                Ok(vec![Change::Remove { kind: Kind::App, id: client_id.to_owned() }])
            })
            .await
        };
        self.run(errand, delete).await
    }

    /// Does what is asked for, by settings that are current, unless there are too many requests.
    async fn run<T>(
        &self,
        errand: Errand<'_>,
        work: impl Future<Output = Result<T, ChangeError>>,
    ) -> Option<Registered<T>> {
        if !self.settings().servers.contains_key(errand.server) {
            return None;
        }
        let (admitted, judged) = self.admit(errand.server, &errand.request.caller).await;
        let result = match admitted {
            Ok(_) => self.settled(errand, work).await,
            Err(error) => Err(error),
        };
        match &result {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => self.parts.metrics.refused(error.code()),
            Err(error) => self.parts.metrics.refused(error.code()),
        }
        Some(Answer { result, judged })
    }

    /// What comes of it, once that is written down.
    async fn settled<T>(
        &self,
        errand: Errand<'_>,
        work: impl Future<Output = Result<T, ChangeError>>,
    ) -> Result<Result<T, RegistrationError>, OAuthError> {
        let done = match self.refresh().await {
            Ok(()) => work.await,
            Err(error) => Err(error.into()),
        };
        match done {
            Ok(done) => Ok(Ok(done)),
            Err(ChangeError::Registration(error)) => self.refuse(errand, error).await.map(Err),
            Err(ChangeError::Settings(_)) => self.refuse(errand, UNFIT).await.map(Err),
            Err(error) => Err(failed("registering a client", &error)),
        }
    }

    /// Writes down that something was refused, before it is.
    async fn refuse(&self, errand: Errand<'_>, error: RegistrationError) -> Result<RegistrationError, OAuthError> {
        let event_type = match error {
            RegistrationError::InvalidToken => EventType::InvalidCredentials,
            _ => EventType::App(errand.lifecycle),
        };
        let client_id = errand.client_id.filter(|id| access::is_client_id(id));
        let target = client_id.map_or(("authorization_server", errand.server), |id| ("app", id));
        let deed = Deed { event_type, server: Some(errand.server), target };
        let told = self.tell_of_refusal(errand.by(client_id), deed, (error.code(), error.to_string())).await;
        told.map_err(|error| failed("writing down a refusal", &error))?;
        Ok(error)
    }

    async fn create_client(&self, server: &str, request: &RegistrationRequest) -> Result<Value, ChangeError> {
        let errand = Errand { server, request, lifecycle: Lifecycle::Created, client_id: None };
        let (shown, now_ms, key) = (request.token()?, self.now_ms(), &self.parts.master_key);
        let settings = self.settings();
        // Who may not register is told nothing of the rest.
        let access = InitialAccess::check(kept(&settings, &shown), &shown, now_ms, key)?;
        let metadata = ClientMetadata::read(request.body()?, self.parts.directory.registry())?;
        let new = NewCredentials::generate(&metadata.authentication, &*self.parts.random);
        let new = new.ok_or(ChangeError::NoRandomness)?;
        let app = metadata.applied_to(self.blank(server, &new, now_ms)?);
        self.change(errand.by(Some(&access.id)), errand.deed(&app.id), |settings| {
            let left = InitialAccess::admit(kept(settings, &shown), &shown, &metadata.device, now_ms, key)?;
            if settings.apps.contains_key(&app.id) {
                return Err(ChangeError::AlreadyExists("application"));
            }
            Ok(vec![put(Kind::InitialAccess, &*left.id, &left), put(Kind::App, &*app.id, &app)])
        })
        .await?;
        let secret = new.client_secret.as_ref().map(|secret| secret.as_str());
        self.describe(&settings, server, &app, secret, &new.registration_access_token)
    }

    /// An application of which nothing is known but what it was just given.
    fn blank(&self, server: &str, new: &NewCredentials, created_ms: u64) -> Result<App, ChangeError> {
        let key = &self.parts.master_key;
        let mut secrets = Vec::new();
        if let Some(mac) = new.secret_mac(key) {
            let id = random::uuid(&*self.parts.random).ok_or(ChangeError::NoRandomness)?;
            secrets.push(Secret { id, mac, is_active: true, created_ms });
        }
        let mac = new.registration_mac(key).ok_or(ChangeError::NoRandomness)?;
        Ok(App {
            id: new.client_id.clone(),
            label: String::new(),
            is_active: true,
            device: String::new(),
            authentication: Authentication::ClientSecret,
            grant_types: [].into(),
            fleet: None,
            labels: [].into(),
            zones: [].into(),
            secrets,
            jwks: None,
            certificate: None,
            requires_dpop: false,
            scopes: None,
            registration: Some(Registration { server: server.to_owned(), mac }),
            metadata: serde_json::Map::new(),
            created_ms,
        })
    }

    async fn replace_client(&self, errand: Errand<'_>, client_id: &str) -> Result<Value, ChangeError> {
        let (server, request) = (errand.server, errand.request);
        let shown = request.token()?;
        self.registered(&self.settings(), server, client_id, &shown)?;
        let body = request.body()?;
        let (new, kept) = self.new_secret(client_id)?;
        self.change(errand.by(Some(client_id)), errand.deed(client_id), |settings| {
            let app = self.registered(settings, server, client_id, &shown)?;
            let update = ClientUpdate::read(body, client_id, &ClientMetadata::of_app(app).ok_or(UNFIT)?)?;
            if let Some(secret) = &update.client_secret {
                let mac = self.parts.master_key.mac(client_id, secret);
                mac.filter(|mac| has_secret(&app.secrets, mac)).ok_or(WRONG_SECRET)?;
            }
            let mut app = update.metadata.applied_to(App::clone(app));
            let wants_secret = update.metadata.authentication.has_secret();
            if wants_secret && !app.secrets.iter().any(|secret| secret.is_active) {
                app.secrets.push(kept.clone());
            }
            Ok(vec![put(Kind::App, client_id, &app)])
        })
        .await?;
        let settings = self.settings();
        let app = self.registered(&settings, server, client_id, &shown)?;
        let secret = app.secrets.iter().any(|secret| secret.id == kept.id).then(|| new.secret.as_str());
        self.describe(&settings, server, app, secret, shown.text())
    }

    /// The client of this id, if it registered here and shows its registration access token.
    fn registered<'a>(
        &self,
        settings: &'a Settings,
        server: &str,
        client_id: &str,
        shown: &BearerToken,
    ) -> Result<&'a Arc<App>, RegistrationError> {
        let app = settings.apps.get(client_id).filter(|app| app.is_active && app.is_of(server));
        let registration = app.and_then(|app| app.registration.as_ref());
        // What is not there is looked for in the same way as what is.
        let mac = registration.map_or([0; 32], |registration| registration.mac);
        let is_it = shown.is_of_client(client_id, &mac, &self.parts.master_key) && registration.is_some();
        app.filter(|_| is_it).ok_or(RegistrationError::InvalidToken)
    }

    fn describe(
        &self,
        settings: &Settings,
        server: &str,
        app: &App,
        secret: Option<&str>,
        token: &str,
    ) -> Result<Value, ChangeError> {
        let server = settings.servers.get(server).ok_or(ChangeError::NotFound("authorization server"))?;
        let metadata = ClientMetadata::of_app(app).ok_or(UNFIT)?;
        let information = ClientInformation {
            client_id: &app.id,
            issued_s: app.created_ms / 1000,
            client_secret: secret,
            registration_access_token: Some(token),
            registration_client_uri: &format!("{}/{}", server.registration_endpoint(), app.id),
            metadata: &metadata,
        };
        Ok(information.to_json())
    }
}

impl RegistrationRequest {
    fn token(&self) -> Result<BearerToken, RegistrationError> {
        BearerToken::read(self.authorization.as_ref().map(|header| header.as_str()))
    }

    fn body(&self) -> Result<&[u8], RegistrationError> {
        self.body.as_deref().map_err(|error| *error)
    }
}

impl<'a> Errand<'a> {
    const fn by(&self, actor: Option<&'a str>) -> By<'a> {
        By { actor: Actor::Client(actor), caller: &self.request.caller }
    }

    const fn deed(&self, client_id: &'a str) -> Deed<'a> {
        Deed { event_type: EventType::App(self.lifecycle), server: Some(self.server), target: ("app", client_id) }
    }
}

/// What is kept of the initial access token that this says it is.
fn kept<'a>(settings: &'a Settings, shown: &BearerToken) -> Option<&'a InitialAccess> {
    shown.initial_access_id().and_then(|id| settings.initial_access.get(id)).map(|access| &**access)
}
