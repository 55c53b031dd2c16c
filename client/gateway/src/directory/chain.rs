//! The chain itself, read at its newest finalized block.

use std::collections::BTreeSet;

use futures::future::BoxFuture;
use marque_sdk::{
    Access, At, BlockRef, Verifier,
    primitives::{
        Device, DeviceId, RegistryId, TimestampMs,
        access::{Entitlements, Grant, Grantee, Issuer, IssuerId, Right},
        token::{Requirement, SignedToken},
    },
};

use super::{Directory, Rights, Unavailable, cache::Answers, heads::Heads};

/// The chain itself, whose age a verifier watches.
#[derive(Clone, Debug)]
pub struct ChainDirectory {
    access: Access,
    verifier: Verifier,
    heads: Heads,
    issuers: Answers<IssuerId, Option<Issuer>>,
    devices: Answers<DeviceId, Option<Device>>,
    entitlements: Answers<(IssuerId, DeviceId), Option<Entitlements>>,
    grants: Answers<(IssuerId, DeviceId), Vec<Grant>>,
    /// Whether an authorization server has a scope that is not retired.
    scopes: Answers<(IssuerId, String), bool>,
}

impl ChainDirectory {
    /// Reads the chain that this verifier follows.
    pub fn new(access: Access, verifier: Verifier) -> Self {
        Self {
            heads: Heads::new(access.chain().clone()),
            issuers: Answers::new(),
            devices: Answers::new(),
            entitlements: Answers::new(),
            grants: Answers::new(),
            scopes: Answers::new(),
            access,
            verifier,
        }
    }

    async fn read_entitlements(
        &self,
        issuer: IssuerId,
        device: DeviceId,
        block: BlockRef,
    ) -> Result<Option<Entitlements>, Unavailable> {
        let ask = self.access.entitlements_at(issuer, device, At::Block(block.hash));
        self.entitlements.get(block, (issuer, device), ask).await
    }

    async fn has_scope(&self, issuer: IssuerId, scope: &str, block: BlockRef) -> Result<bool, Unavailable> {
        let ask = async {
            let defined = self.access.scope_at(issuer, scope, At::Block(block.hash)).await?;
            Ok(defined.is_some_and(|defined| !defined.is_retired))
        };
        self.scopes.get(block, (issuer, scope.to_owned()), ask).await
    }

    async fn read_rights(
        &self,
        issuer: IssuerId,
        device: DeviceId,
        scopes: &[String],
        block: BlockRef,
    ) -> Result<Rights, Unavailable> {
        let record = self.issuer(issuer, block).await?;
        let entitlements = self.read_entitlements(issuer, device, block).await?;
        let granted = entitlements.iter().flat_map(|entitlements| &entitlements.scopes);
        let granted: Vec<&String> = granted.map(|entitlement| &entitlement.scope).collect();
        let mut undefined = Vec::new();
        for scope in scopes.iter().filter(|scope| !granted.contains(scope)) {
            if !self.has_scope(issuer, scope, block).await? {
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

    fn age_ms(&self) -> Option<u64> {
        self.verifier.view().ok().map(|view| view.age_ms)
    }

    fn block(&self) -> BoxFuture<'_, Result<BlockRef, Unavailable>> {
        Box::pin(async {
            self.ensure_fresh()?;
            let known = self.verifier.view().map_err(unavailable)?.block;
            let head = self.heads.newest().await?;
            if head.number < known.number {
                return Err(unavailable("the node's finalized head is behind what it named before"));
            }
            Ok(head)
        })
    }

    fn issuer(&self, issuer: IssuerId, block: BlockRef) -> BoxFuture<'_, Result<Option<Issuer>, Unavailable>> {
        Box::pin(self.issuers.get(block, issuer, self.access.issuer_at(issuer, At::Block(block.hash))))
    }

    fn device(&self, device: DeviceId, block: BlockRef) -> BoxFuture<'_, Result<Option<Device>, Unavailable>> {
        let ask = self.access.registry().device_at(device, At::Block(block.hash));
        Box::pin(self.devices.get(block, device, ask))
    }

    fn rights<'a>(
        &'a self,
        issuer: IssuerId,
        device: DeviceId,
        scopes: &'a [String],
        block: BlockRef,
    ) -> BoxFuture<'a, Result<Rights, Unavailable>> {
        Box::pin(self.read_rights(issuer, device, scopes, block))
    }

    fn roles(
        &self,
        issuer: IssuerId,
        device: DeviceId,
        block: BlockRef,
        now_ms: TimestampMs,
    ) -> BoxFuture<'_, Result<BTreeSet<String>, Unavailable>> {
        Box::pin(async move {
            let ask = self.access.grants_at(issuer, Grantee::Device(device), At::Block(block.hash));
            let grants = self.grants.get(block, (issuer, device), ask).await?;
            let current = grants.into_iter().filter(|grant| now_ms < grant.until_ms);
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
