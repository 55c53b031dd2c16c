//! The keys of all authorization servers, kept by their plan: what is to be done is done on the chain first, and then written down.
//!
//! A new key is kept, sealed, before the chain hears of it. A gateway that stops in between finds it again, and where several gateways
//! share a store, one of them makes it. So no key is on the chain whose private key nobody has, as long as the store is not set back.

use std::slice;

use marque_sdk::{
    primitives::{TimestampMs, token::IssuerKeyRef},
    token::Algorithm,
};
use serde::Serialize;

use super::{
    document::{KeyDocument, KeyError, KeyStatus},
    rotation::{Action, RotateError, plan, revoked_on_chain, roll_over, rotate},
};
use crate::{
    gateway::{Gateway, GatewayError},
    log::{Actor, Caller, EventType, Lifecycle},
    operate::{By, ChangeError, Deed},
    settings::{Server, Settings, put},
    store::{Change, Kind},
};

/// How often the plan is made anew, as what was done leads to more: make, publish, activate, make, publish.
const ROUNDS_MAX: usize = 8;

/// A signing key, as operators see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct KeySummary {
    /// What tokens call it.
    pub kid: String,
    /// By what it signs.
    #[serde(with = "super::algorithm")]
    #[schema(value_type = String)]
    pub algorithm: Algorithm,
    /// What it is for now.
    pub status: KeyStatus,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_ms: TimestampMs,
    /// Since when it is published.
    pub published_ms: Option<TimestampMs>,
    /// When it begins to sign: planned, until it has begun.
    pub activates_ms: TimestampMs,
    /// When it stops signing: the latest time, until it has stopped.
    pub expires_ms: TimestampMs,
    /// When it is published no more.
    pub retires_ms: TimestampMs,
}

impl From<&KeyDocument> for KeySummary {
    fn from(key: &KeyDocument) -> Self {
        Self {
            kid: key.kid.clone(),
            algorithm: key.algorithm,
            status: key.status,
            created_ms: key.created_ms,
            published_ms: key.published_ms,
            activates_ms: key.activates_ms,
            expires_ms: key.expires_ms,
            retires_ms: key.retires_ms,
        }
    }
}

impl Gateway {
    /// The signing keys of an authorization server, none of which is retired.
    ///
    /// # Errors
    /// [`ChangeError::NotFound`].
    pub fn keys(&self, server: &str) -> Result<Vec<KeySummary>, ChangeError> {
        Ok(documents(&self.settings(), server)?.iter().map(KeySummary::from).collect())
    }

    /// Does what is to be done with the keys of all authorization servers: call it once a minute. What can't be done now is tried again the
    /// next time.
    ///
    /// # Errors
    /// The first [`ChangeError`], after all authorization servers have had their turn.
    pub async fn tend_keys(&self, now_ms: TimestampMs) -> Result<(), ChangeError> {
        self.refresh().await?;
        let mut outcome = Ok(());
        for name in self.settings().servers.keys() {
            let tended = self.tend_server(name, now_ms).await;
            if let Err(error) = &tended {
                tracing::error!(%error, server = name, "the signing keys are not as they should be");
            }
            outcome = outcome.and(tended);
        }
        outcome
    }

    /// Lets the next key of an authorization server sign at once. The one that signs so far stays published until its last token has
    /// expired; if it is compromised, it is published no more and revoked on the chain: none of its tokens is good from now on.
    ///
    /// # Errors
    /// [`ChangeError::Rotate`] where there is no next key, or it is not known to everybody yet, unless the key is compromised;
    /// [`ChangeError::NotFound`]; [`ChangeError::Authority`] where the next key signs and the chain is still to be changed, which is
    /// tried again each time keys are tended; [`ChangeError`].
    pub async fn rotate(&self, by: By<'_>, server: &str, is_compromised: bool) -> Result<(), ChangeError> {
        let now_ms = self.now_ms();
        let settings = self.settings();
        let signs = |key: &&KeyDocument| key.status == KeyStatus::Active;
        let ended = documents(&settings, server)?.iter().find(signs).ok_or(RotateError::NoNext)?;
        let deed = rollover(server, &ended.kid, is_compromised);
        self.change(by, deed, |settings| {
            let keys = documents(settings, server)?;
            if !keys.iter().any(|key| signs(&key) && key.kid == ended.kid) {
                return Err(ChangeError::Superseded);
            }
            Ok(put_all(&rotate(keys, &self.parts.schedule, is_compromised, now_ms)?))
        })
        .await?;
        self.tend_server(server, now_ms).await
    }

    /// Does what is to be done with the keys of an authorization server.
    pub(crate) async fn tend_server(&self, name: &str, now_ms: TimestampMs) -> Result<(), ChangeError> {
        // Without the chain too, keys end and others follow.
        let heeded = self.heed_chain(name, now_ms).await;
        for _ in 0..ROUNDS_MAX {
            let settings = self.settings();
            let server = settings.servers.get(name).ok_or(NO_SERVER)?;
            let actions = plan(server.keys.documents(), &self.parts.schedule, now_ms);
            if actions.is_empty() {
                break;
            }
            self.carry_out(server, &actions, now_ms).await?;
        }
        heeded
    }

    /// All that the plan says, as far as it can be done.
    async fn carry_out(&self, server: &Server, actions: &[Action], now_ms: TimestampMs) -> Result<(), ChangeError> {
        let mut outcome = self.roll_over(server, actions, now_ms).await;
        for action in actions {
            let done = match action {
                Action::Create { activates_ms } => self.create_key(server, *activates_ms, now_ms).await,
                Action::Publish(key) => self.publish_key(server, key, now_ms).await,
                Action::Remove(key) => self.remove_key(server, key, now_ms).await,
                Action::Expire(_) | Action::Activate(_) => Ok(()),
            };
            outcome = outcome.and(done);
        }
        outcome
    }

    /// Gives up the keys that somebody else revoked on the chain.
    async fn heed_chain(&self, name: &str, now_ms: TimestampMs) -> Result<(), ChangeError> {
        let settings = self.settings();
        let server = settings.servers.get(name).ok_or(NO_SERVER)?;
        let directory = &self.parts.directory;
        let block = directory.block().await.map_err(GatewayError::from)?;
        let record = directory.issuer(server.issuer(), block).await.map_err(GatewayError::from)?;
        let Some(record) = record else { return Ok(()) };
        let revoked = |keys: &[KeyDocument]| revoked_on_chain(keys, &record, &self.parts.schedule, now_ms);
        for key in revoked(server.keys.documents()) {
            let given_up = self.change_key(rollover(name, &key.kid, true), |keys| {
                let is_same = |other: &KeyDocument| other.thumbprint == key.thumbprint;
                Some(put_all(slice::from_ref(revoked(keys).iter().find(|other| is_same(other))?)))
            });
            given_up.await?;
        }
        Ok(())
    }

    /// Ends keys, and lets others sign, in one step.
    async fn roll_over(&self, server: &Server, actions: &[Action], now_ms: TimestampMs) -> Result<(), ChangeError> {
        let schedule = &self.parts.schedule;
        let changed = roll_over(server.keys.documents(), actions, schedule, now_ms);
        // The last one begins to sign, if any does.
        let Some(key) = changed.last() else { return Ok(()) };
        self.change_key(rollover(server.name(), &key.kid, false), |keys| {
            let changes = put_all(&roll_over(keys, &plan(keys, schedule, now_ms), schedule, now_ms));
            (!changes.is_empty()).then_some(changes)
        })
        .await
    }

    async fn create_key(
        &self,
        server: &Server,
        activates_ms: TimestampMs,
        now_ms: TimestampMs,
    ) -> Result<(), ChangeError> {
        let (name, algorithm, schedule) = (server.name().to_owned(), server.document.algorithm, self.parts.schedule);
        let (master_key, random) = (self.parts.master_key.clone(), self.parts.random.clone());
        let create =
            move || KeyDocument::create(&name, algorithm, activates_ms, &schedule, now_ms, (&master_key, &*random));
        // An RSA key takes a while.
        let created = tokio::task::spawn_blocking(create).await;
        let key = created.map_err(|_| KeyError::NotMade(algorithm))??;
        let deed = lifecycle(server.name(), &key.kid, Lifecycle::Created);
        self.change_key(deed, |keys| {
            let is_due = plan(keys, &schedule, now_ms).contains(&Action::Create { activates_ms });
            is_due.then(|| put_all(slice::from_ref(&key)))
        })
        .await
    }

    async fn publish_key(&self, server: &Server, key: &str, now_ms: TimestampMs) -> Result<(), ChangeError> {
        let document = find(server.keys.documents(), key)?;
        let schedule = &self.parts.schedule;
        let on_chain = match document.for_chain() {
            Some(new_key) => {
                let number = self.parts.authority.publish(server.issuer(), new_key).await?;
                Some(IssuerKeyRef { issuer: server.issuer(), key: number })
            }
            None => None,
        };
        let published = document.clone().publish(on_chain, schedule, now_ms);
        self.change_key(lifecycle(server.name(), &published.kid, Lifecycle::Activated), |keys| {
            let is_due = plan(keys, schedule, now_ms).contains(&Action::Publish(key.to_owned()));
            is_due.then(|| put_all(slice::from_ref(&published)))
        })
        .await
    }

    async fn remove_key(&self, server: &Server, key: &str, now_ms: TimestampMs) -> Result<(), ChangeError> {
        let document = find(server.keys.documents(), key)?;
        if let Some(number) = document.chain_key {
            self.parts.authority.revoke(server.issuer(), number).await?;
        }
        self.change_key(lifecycle(server.name(), &document.kid, Lifecycle::Deleted), |keys| {
            let is_due = plan(keys, &self.parts.schedule, now_ms).contains(&Action::Remove(key.to_owned()));
            is_due.then(|| vec![Change::Remove { kind: Kind::Key, id: document.id() }])
        })
        .await
    }

    /// Changes the keys of an authorization server, as far as that is still to be done by those that are current.
    async fn change_key(
        &self,
        deed: Deed<'_>,
        make: impl Fn(&[KeyDocument]) -> Option<Vec<Change>> + Send + Sync,
    ) -> Result<(), ChangeError> {
        let (caller, server) = (Caller::default(), deed.server.unwrap_or_default());
        let by = By { actor: Actor::System, caller: &caller };
        let changed =
            self.change(by, deed, |settings| make(documents(settings, server)?).ok_or(ChangeError::Superseded));
        match changed.await {
            // What another gateway has done is done.
            Err(ChangeError::Superseded) => Ok(()),
            changed => changed,
        }
    }
}

const NO_SERVER: ChangeError = ChangeError::NotFound("authorization server");
/// What log entries call a key.
const TARGET: &str = "signing_key";

fn documents<'a>(settings: &'a Settings, server: &str) -> Result<&'a [KeyDocument], ChangeError> {
    Ok(settings.servers.get(server).ok_or(NO_SERVER)?.keys.documents())
}

fn find<'a>(keys: &'a [KeyDocument], thumbprint: &str) -> Result<&'a KeyDocument, ChangeError> {
    keys.iter().find(|key| key.thumbprint == thumbprint).ok_or(ChangeError::NotFound("signing key"))
}

fn put_all(keys: &[KeyDocument]) -> Vec<Change> {
    keys.iter().map(|key| put(Kind::Key, key.id(), key)).collect()
}

const fn rollover<'a>(server: &'a str, key: &'a str, is_compromised: bool) -> Deed<'a> {
    Deed { event_type: EventType::KeyRollover { is_compromised }, server: Some(server), target: (TARGET, key) }
}

const fn lifecycle<'a>(server: &'a str, key: &'a str, lifecycle: Lifecycle) -> Deed<'a> {
    Deed { event_type: EventType::Key(lifecycle), server: Some(server), target: (TARGET, key) }
}
