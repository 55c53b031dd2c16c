//! What the gateway must know of the chain, and how it is read: at one finalized block for each request, by a view that is not too old.

mod cache;
mod chain;
mod heads;

pub use chain::ChainDirectory;

use std::collections::BTreeSet;

use futures::future::BoxFuture;
use marque_sdk::{
    BlockRef,
    primitives::{
        Device, DeviceId, RegistryId, TimestampMs,
        access::{Entitlements, Issuer, IssuerId},
        token::{Requirement, SignedToken},
    },
};

/// Nothing can be said now: what is known of the chain may be too old, or it can't be asked. Why is for the operator, and goes to
/// the log alone.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the chain can't be read: {reason}")]
pub struct Unavailable {
    /// Why.
    pub reason: String,
}

/// What a device may have from an authorization server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rights {
    /// The authorization server's record; `None` if there is none of this number.
    pub issuer: Option<Issuer>,
    /// What the device may have.
    pub entitlements: Option<Entitlements>,
    /// Those of the scopes that were asked for which the authorization server never defined, or has retired.
    pub undefined: Vec<String>,
}

/// Who knows the chain.
pub trait Directory: Send + Sync {
    /// The registry whose devices are served.
    fn registry(&self) -> RegistryId;

    /// Whether anything can be said now.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn ensure_fresh(&self) -> Result<(), Unavailable>;

    /// How old is what is known of the chain, in milliseconds; `None` where that is not known.
    fn age_ms(&self) -> Option<u64> {
        None
    }

    /// The block to read at: finalized, and not too old.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn block(&self) -> BoxFuture<'_, Result<BlockRef, Unavailable>>;

    /// An authorization server's record.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn issuer(&self, issuer: IssuerId, block: BlockRef) -> BoxFuture<'_, Result<Option<Issuer>, Unavailable>>;

    /// A device's record.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn device(&self, device: DeviceId, block: BlockRef) -> BoxFuture<'_, Result<Option<Device>, Unavailable>>;

    /// What a device may have, where it asks for these scopes.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn rights<'a>(
        &'a self,
        issuer: IssuerId,
        device: DeviceId,
        scopes: &'a [String],
        block: BlockRef,
    ) -> BoxFuture<'a, Result<Rights, Unavailable>>;

    /// The roles that the authorization server grants a device at a time.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn roles(
        &self,
        issuer: IssuerId,
        device: DeviceId,
        block: BlockRef,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<BTreeSet<String>, Unavailable>>;

    /// Whether a token is good, by what the chain says: its signature, times and device, and what is revoked there.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn is_good<'a>(
        &'a self,
        token: &'a SignedToken,
        requirement: &'a Requirement,
    ) -> BoxFuture<'a, Result<bool, Unavailable>>;
}
