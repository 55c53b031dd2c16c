//! What the gateway must know of the chain, and how it is read: at one finalized block for each request, by a view that is not too old.

use std::collections::BTreeSet;

use futures::future::BoxFuture;
use marque_sdk::{
    Access, At, BlockRef, CallError, Verifier,
    primitives::{
        Device, DeviceId, RegistryId, TimestampMs,
        access::{Entitlements, Grant, Grantee, Issuer, IssuerId, Right},
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

/// The chain itself, whose age a verifier watches.
#[derive(Clone, Debug)]
pub struct ChainDirectory {
    access: Access,
    verifier: Verifier,
}

impl ChainDirectory {
    /// Reads the chain that this verifier follows.
    pub const fn new(access: Access, verifier: Verifier) -> Self {
        Self { access, verifier }
    }

    async fn read_rights(
        &self,
        issuer: IssuerId,
        device: DeviceId,
        scopes: &[String],
        at: At,
    ) -> Result<Rights, CallError> {
        let record = self.access.issuer_at(issuer, at).await?;
        let entitlements = self.access.entitlements_at(issuer, device, at).await?;
        let granted = entitlements.iter().flat_map(|entitlements| &entitlements.scopes);
        let granted: Vec<&String> = granted.map(|entitlement| &entitlement.scope).collect();
        let mut undefined = Vec::new();
        for scope in scopes.iter().filter(|scope| !granted.contains(scope)) {
            let defined = self.access.scope_at(issuer, scope, at).await?;
            if defined.is_none_or(|defined| defined.is_retired) {
                undefined.push(scope.clone());
            }
        }
        Ok(Rights { issuer: record, entitlements, undefined })
    }
}

fn unavailable(error: impl std::fmt::Display) -> Unavailable {
    Unavailable { reason: error.to_string() }
}

impl Directory for ChainDirectory {
    fn registry(&self) -> RegistryId {
        self.access.registry().id()
    }

    fn ensure_fresh(&self) -> Result<(), Unavailable> {
        self.verifier.ensure_fit().map_err(unavailable)
    }

    fn block(&self) -> BoxFuture<'_, Result<BlockRef, Unavailable>> {
        Box::pin(async {
            self.ensure_fresh()?;
            let known = self.verifier.view().map_err(unavailable)?.block;
            let head = self.access.chain().finalized().await.map_err(unavailable)?;
            if head.number < known.number {
                return Err(unavailable("the node's finalized head is behind what it named before"));
            }
            Ok(head)
        })
    }

    fn issuer(&self, issuer: IssuerId, block: BlockRef) -> BoxFuture<'_, Result<Option<Issuer>, Unavailable>> {
        Box::pin(async move { self.access.issuer_at(issuer, At::Block(block.hash)).await.map_err(unavailable) })
    }

    fn device(&self, device: DeviceId, block: BlockRef) -> BoxFuture<'_, Result<Option<Device>, Unavailable>> {
        let registry = self.access.registry();
        Box::pin(async move { registry.device_at(device, At::Block(block.hash)).await.map_err(unavailable) })
    }

    fn rights<'a>(
        &'a self,
        issuer: IssuerId,
        device: DeviceId,
        scopes: &'a [String],
        block: BlockRef,
    ) -> BoxFuture<'a, Result<Rights, Unavailable>> {
        Box::pin(
            async move { self.read_rights(issuer, device, scopes, At::Block(block.hash)).await.map_err(unavailable) },
        )
    }

    fn roles(
        &self,
        issuer: IssuerId,
        device: DeviceId,
        block: BlockRef,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<BTreeSet<String>, Unavailable>> {
        Box::pin(async move {
            let grants = self.access.grants_at(issuer, Grantee::Device(device), At::Block(block.hash)).await;
            let current = grants.map_err(unavailable)?.into_iter().filter(|grant| now_ms < grant.until_ms);
            let role = |grant: Grant| match grant.right {
                Right::Role(name) => Some(name),
                Right::Scope(_) => None,
            };
            Ok(current.filter_map(role).collect())
        })
    }

    fn is_good<'a>(
        &'a self,
        token: &'a SignedToken,
        requirement: &'a Requirement,
    ) -> BoxFuture<'a, Result<bool, Unavailable>> {
        Box::pin(async move {
            match self.verifier.verify(token, requirement, None).await {
                Ok(_) => Ok(true),
                Err(error) if error.refusal().is_some() => Ok(false),
                Err(error) => Err(unavailable(error)),
            }
        })
    }
}
