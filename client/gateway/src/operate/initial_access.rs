//! Initial access tokens, with which clients register themselves (RFC 7591, section 3).

use std::fmt;

use zeroize::Zeroizing;

use super::{By, ChangeError, Deed, settings::remove};
use crate::{
    gateway::Gateway,
    log::{EventType, Lifecycle},
    registration::{InitialAccess, InitialAccessTerms},
    settings::put,
    store::Kind,
};

/// An initial access token that was just made: it is shown this once.
pub struct NewInitialAccess {
    /// What is kept.
    pub access: InitialAccess,
    /// The token.
    pub token: Zeroizing<String>,
}

impl fmt::Debug for NewInitialAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewInitialAccess({})", self.access.id)
    }
}

impl Gateway {
    /// Makes an initial access token.
    ///
    /// # Errors
    /// [`ChangeError::InitialAccess`]; [`ChangeError`].
    pub async fn create_initial_access(
        &self,
        by: By<'_>,
        terms: &InitialAccessTerms,
    ) -> Result<NewInitialAccess, ChangeError> {
        let (parts, now_ms) = (&self.parts, self.now_ms());
        let registry = parts.directory.registry();
        let (access, token) = InitialAccess::new(terms, registry, now_ms, &parts.master_key, &*parts.random)?;
        self.change(by, deed(Lifecycle::Created, &access.id), |_| {
            Ok(vec![put(Kind::InitialAccess, &*access.id, &access)])
        })
        .await?;
        Ok(NewInitialAccess { access, token })
    }

    /// Revokes an initial access token. Clients that registered with it stay.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn revoke_initial_access(&self, by: By<'_>, id: &str) -> Result<(), ChangeError> {
        self.change(by, deed(Lifecycle::Deleted, id), |settings| {
            remove::<InitialAccess>(settings, Kind::InitialAccess, id.to_owned(), "initial access token")
        })
        .await
    }

    /// The initial access tokens, those that are spent or over included.
    pub fn initial_access(&self) -> Vec<InitialAccess> {
        self.settings().of_kind(Kind::InitialAccess)
    }
}

const fn deed(lifecycle: Lifecycle, id: &str) -> Deed<'_> {
    Deed { event_type: EventType::InitialAccess(lifecycle), server: None, target: ("initial_access_token", id) }
}
