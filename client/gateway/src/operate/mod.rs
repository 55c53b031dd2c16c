//! What operators do: each change of the settings is checked as a whole, written down, and only then done.

mod apps;
mod explain;
mod federation;
mod initial_access;
mod log;
mod operators;
mod settings;

pub use apps::{NewApp, NewSecret};
pub use explain::Question;
pub use initial_access::NewInitialAccess;
pub use log::LogPage;
pub use operators::{Authorized, NewOperator};
pub use settings::NewDevice;

use marque_sdk::primitives::TimestampMs;

use crate::{
    StoreError,
    gateway::{Gateway, GatewayError},
    keys::{AuthorityError, KeyError, RotateError},
    log::{Actor, Caller, Event, EventType},
    random,
    registration::{InitialAccessError, RegistrationError},
    settings::{Role, Settings, SettingsError},
    store::{Change, Outcome, Step},
};

/// How often a change is made anew, because the settings have changed meanwhile.
const TRIES_MAX: usize = 4;

/// Why a change is not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It is there already.
    #[error("there is such a {0} already")]
    AlreadyExists(&'static str),
    /// It can't be changed so in the state that it is in.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// What would come of it does not fit together.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// An initial access token is not made.
    #[error(transparent)]
    InitialAccess(#[from] InitialAccessError),
    /// A client may not register, or not change its registration so.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The settings can't be read again.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// There is no randomness.
    #[error("the system gave no randomness")]
    NoRandomness,
    /// Somebody else did it, or something else, meanwhile.
    #[error("somebody else has changed it meanwhile: look at what is there now")]
    Superseded,
    /// A key can't be made or used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Keys can't be rotated now.
    #[error(transparent)]
    Rotate(#[from] RotateError),
    /// It is done here, and the keys on the chain could not be changed yet.
    #[error("it is done here, and tried again on the chain each minute: {0}")]
    Authority(#[from] AuthorityError),
    /// The settings change all the time.
    #[error("the settings change all the time: try again")]
    Contended,
}

/// Who changes the settings, from where.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// Who.
    pub actor: Actor<'a>,
    /// From where.
    pub caller: &'a Caller,
}

/// What a change is, for the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed<'a> {
    pub(crate) event_type: EventType,
    pub(crate) server: Option<&'a str>,
    /// The kind and the id of what is changed.
    pub(crate) target: (&'static str, &'a str),
}

impl Gateway {
    /// Changes the settings, by what is to come of those that are current, and writes it down.
    pub(crate) async fn change(
        &self,
        by: By<'_>,
        deed: Deed<'_>,
        make: impl Fn(&Settings) -> Result<Vec<Change>, ChangeError> + Send + Sync,
    ) -> Result<(), ChangeError> {
        for _ in 0..TRIES_MAX {
            let settings = self.settings();
            let made = make(&settings).and_then(|changes| Ok((settings.with(&changes)?, changes)));
            let (next, changes) = match made {
                Ok(made) => made,
                // What does not fit may only not fit to what was there before.
                Err(error) if self.are_current(&settings).await? => return Err(error),
                Err(_) => continue,
            };
            let now_ms = self.now_ms();
            let event = self.tell(by, deed, None, now_ms)?;
            let step = Step { event, now_ms, changes, revision: Some(settings.revision), ..Step::default() };
            match self.parts.store.commit(step).await? {
                Outcome::Done { .. } => {
                    self.take(next);
                    return Ok(());
                }
                Outcome::Outdated | Outcome::UsedBefore { .. } => self.refresh().await?,
            }
        }
        Err(ChangeError::Contended)
    }

    /// Whether nobody has changed the settings since; if somebody has, they are read again.
    async fn are_current(&self, settings: &Settings) -> Result<bool, GatewayError> {
        self.refresh().await?;
        Ok(self.settings().revision == settings.revision)
    }

    /// Writes down that something was refused: an error code, and what it means.
    pub(crate) async fn tell_of_refusal(
        &self,
        by: By<'_>,
        deed: Deed<'_>,
        failure: (&'static str, String),
    ) -> Result<(), ChangeError> {
        let now_ms = self.now_ms();
        let event = self.tell(by, deed, Some(failure), now_ms)?;
        self.parts.store.commit(Step { event, now_ms, ..Step::default() }).await?;
        Ok(())
    }

    fn tell(
        &self,
        by: By<'_>,
        deed: Deed<'_>,
        failure: Option<(&'static str, String)>,
        now_ms: TimestampMs,
    ) -> Result<String, ChangeError> {
        let (kind, id) = deed.target;
        let event = Event {
            event_type: deed.event_type,
            server: deed.server,
            actor: by.actor,
            caller: by.caller,
            failure,
            targets: vec![(kind, id.to_owned())],
            details: serde_json::Map::new(),
        };
        let uuid = random::uuid(&*self.parts.random).ok_or(ChangeError::NoRandomness)?;
        Ok(event.to_json(&uuid, now_ms).to_string())
    }
}

impl Role {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::SecurityOfficer => "security_officer",
        }
    }
}
