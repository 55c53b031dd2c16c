//! DID resolution.

use marque_primitives::{Device, TimestampMs};

use super::{HistoryEntry, HistoryError, Registry};
use crate::{
    chain::CallError,
    did::{Did, Resolution, VersionSelector},
};

impl Registry {
    /// Resolves a DID to its current document. One read.
    ///
    /// A DID of another registry, and one that is not registered, gives a result that says `NOT_FOUND`; a revoked device's says
    /// `deactivated`.
    ///
    /// # Errors
    /// [`CallError`] when the contract can't be asked.
    pub async fn resolve(&self, did: &Did) -> Result<Resolution, CallError> {
        if did.registry != self.id() {
            return Ok(Resolution::not_found("the DID is of another registry"));
        }
        let record = self.device(did.device).await?;
        Ok(record.map_or_else(not_registered, |record| Resolution::new(*did, &record, None)))
    }

    /// Resolves a DID to a version of its document. For one that is not the current version, the device's history is read.
    ///
    /// # Errors
    /// [`HistoryError`] when the history can't be read.
    pub async fn resolve_version(&self, did: &Did, selector: VersionSelector) -> Result<Resolution, HistoryError> {
        if selector == VersionSelector::Current || did.registry != self.id() {
            return Ok(self.resolve(did).await?);
        }
        match self.history(did.device).await {
            Ok(history) => Ok(select(did, &history, selector)),
            Err(HistoryError::NotFound) => Ok(not_registered()),
            Err(error) => Err(error),
        }
    }
}

fn not_registered() -> Resolution {
    Resolution::not_found("the device is not registered")
}

fn select(did: &Did, history: &[HistoryEntry], selector: VersionSelector) -> Resolution {
    let is_wanted = |record: &Device| match selector {
        VersionSelector::Current => true,
        VersionSelector::Id(version) => record.version == version,
        VersionSelector::At(at_ms) => record.updated_ms <= at_ms,
    };
    let Some(at) = history.iter().rposition(|entry| is_wanted(&entry.record)) else {
        return Resolution::not_found("the device had no such version");
    };
    let next = history.get(at + 1).map(|entry| (entry.record.version, entry.record.updated_ms as TimestampMs));
    Resolution::new(*did, &history[at].record, next)
}
