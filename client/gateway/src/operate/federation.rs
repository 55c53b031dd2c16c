//! Issuers that authorization servers federate with.

use super::{
    By, ChangeError, Deed,
    settings::{ensure_server, remove},
};
use crate::{
    exchange::Federation,
    gateway::Gateway,
    log::{EventType, Lifecycle},
    settings::{id_at, put},
    store::Kind,
};

impl Gateway {
    /// The federations of an authorization server, in the order of their names.
    ///
    /// # Errors
    /// [`ChangeError::NotFound`].
    pub fn federations(&self, server: &str) -> Result<Vec<Federation>, ChangeError> {
        let settings = self.settings();
        ensure_server(&settings, server)?;
        Ok(settings.federations.of_server(server).cloned().collect())
    }

    /// Puts in a federation, or changes the one of its name at its authorization server.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn put_federation(&self, by: By<'_>, federation: &Federation) -> Result<(), ChangeError> {
        let (server, name) = (&*federation.server, &*federation.name);
        let id = id_at(server, name);
        let known = self.settings().document::<Federation>(Kind::Federation, &id).is_some();
        let lifecycle = if known { Lifecycle::Updated } else { Lifecycle::Created };
        self.change(by, deed(lifecycle, server, name), |settings| {
            ensure_server(settings, server)?;
            Ok(vec![put(Kind::Federation, &*id, federation)])
        })
        .await
    }

    /// Takes out a federation: no tokens are exchanged by it any more.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn delete_federation(&self, by: By<'_>, server: &str, name: &str) -> Result<(), ChangeError> {
        self.change(by, deed(Lifecycle::Deleted, server, name), |settings| {
            remove::<Federation>(settings, Kind::Federation, id_at(server, name), "federation")
        })
        .await
    }
}

const fn deed<'a>(lifecycle: Lifecycle, server: &'a str, name: &'a str) -> Deed<'a> {
    Deed { event_type: EventType::Federation(lifecycle), server: Some(server), target: ("federation", name) }
}
