//! `state_*`: storage, proofs and runtime calls, at any block.

use std::collections::HashSet;
use std::sync::Arc;

use contracts_node_runtime::VERSION;
use jsonrpsee::core::RegisterMethodError;
use jsonrpsee::server::{PendingSubscriptionSink, SubscriptionCloseResponse};
use jsonrpsee::types::{ErrorObjectOwned, Params};
use serde::Serialize;
use sp_core::{Bytes, H256};
use sp_state_machine::{Backend as _, IterArgs, prove_read};
use sp_storage::{StorageChangeSet, StorageData, StorageKey};

use super::error::RpcError;
use super::subscribe::{forward, send};
use super::{Context, Module, query, state_query};
use crate::chain::{Chain, News, StateAt};
use crate::runtime::{self, Backend, Overlay};

/// Keys in one answer.
pub(super) const KEYS_MAX: u32 = 1000;
/// Keys that one request may name.
const NAMED_KEYS_MAX: u32 = 4096;
/// Values that one storage history may read: keys times blocks.
const RANGE_READS_MAX: u32 = 65_536;

/// A proof of values (or of their absence) against the state root of a block.
#[derive(Clone, Serialize)]
pub(super) struct ReadProof {
    pub(super) at: H256,
    pub(super) proof: Vec<Bytes>,
}

pub(super) fn register(module: &mut Module) -> Result<(), RegisterMethodError> {
    let named = ["state_call", "state_callAt"];
    state_query(module, &named, |p| Ok((p.next()?, p.next()?)), call)?;
    let named = ["state_getStorage", "state_getStorageAt"];
    state_query(module, &named, |p| p.next(), |state, key| value(&state.backend, &key))?;
    let named = ["state_getStorageHash", "state_getStorageHashAt"];
    state_query(module, &named, |p| p.next(), hash)?;
    let named = ["state_getStorageSize", "state_getStorageSizeAt"];
    state_query(
        module,
        &named,
        |p| p.next(),
        |state, key| Ok(value(&state.backend, &key)?.map(|value| value.0.len() as u64)),
    )?;
    let named = ["state_getKeysPaged", "state_getKeysPagedAt"];
    state_query(
        module,
        &named,
        |p| Ok((p.optional_next()?, p.next()?, p.optional_next()?)),
        |state, (prefix, count, start): (Option<StorageKey>, u32, Option<StorageKey>)| {
            keys(&state.backend, None, prefix, count, start)
        },
    )?;
    state_query(module, &["state_queryStorageAt"], |p| p.next(), values_at)?;
    query(module, &["state_queryStorage"], |p| Ok((p.next()?, p.next()?, p.optional_next()?)), history)?;
    state_query(
        module,
        &["state_getMetadata"],
        |_| Ok(()),
        |state, ()| {
            let metadata: Vec<u8> = runtime::query(&state.backend, "Metadata_metadata", &[])?;
            Ok(Bytes(metadata))
        },
    )?;
    state_query(module, &["state_getReadProof"], |p| p.next(), proof)?;
    let named = ["state_getRuntimeVersion", "chain_getRuntimeVersion"];
    state_query(module, &named, |_| Ok(()), |_, ()| Ok(VERSION))?;
    subscriptions(module)
}

fn subscriptions(module: &mut Module) -> Result<(), RegisterMethodError> {
    module.register_subscription(
        "state_subscribeRuntimeVersion",
        "state_runtimeVersion",
        "state_unsubscribeRuntimeVersion",
        |_, pending, _, _| follow_version(pending),
    )?;
    module.register_alias("chain_subscribeRuntimeVersion", "state_subscribeRuntimeVersion")?;
    module.register_alias("chain_unsubscribeRuntimeVersion", "state_unsubscribeRuntimeVersion")?;
    module.register_subscription(
        "state_subscribeStorage",
        "state_storage",
        "state_unsubscribeStorage",
        |params, pending, context, _| follow_storage(params, pending, context),
    )?;
    Ok(())
}

fn call(state: StateAt, (method, args): (String, Bytes)) -> Result<Bytes, RpcError> {
    Ok(Bytes(runtime::call(&state.backend, &mut Overlay::default(), &method, &args)?))
}

fn value(backend: &Backend, key: &StorageKey) -> Result<Option<StorageData>, RpcError> {
    Ok(backend.storage(&key.0).map_err(RpcError::State)?.map(StorageData))
}

fn hash(state: StateAt, key: StorageKey) -> Result<Option<H256>, RpcError> {
    state.backend.storage_hash(&key.0).map_err(RpcError::State)
}

/// A page of the keys with `prefix`, after `start`; of the main state, or of a child's.
pub(super) fn keys(
    backend: &Backend,
    child: Option<sp_storage::ChildInfo>,
    prefix: Option<StorageKey>,
    count: u32,
    start: Option<StorageKey>,
) -> Result<Vec<StorageKey>, RpcError> {
    if count > KEYS_MAX {
        return Err(RpcError::TooMany { asked: count, max: KEYS_MAX });
    }
    let mut args = IterArgs::default();
    args.prefix = prefix.as_ref().map(|prefix| &prefix.0[..]);
    args.start_at = start.as_ref().map(|start| &start.0[..]);
    args.start_at_exclusive = true;
    args.child_info = child;
    let keys = backend.keys(args).map_err(RpcError::State)?;
    let keys = keys.take(count as usize).map(|key| key.map(StorageKey));
    keys.collect::<Result<_, _>>().map_err(RpcError::State)
}

fn values_at(state: StateAt, keys: Vec<StorageKey>) -> Result<Vec<StorageChangeSet<H256>>, RpcError> {
    Ok(vec![change_set(&state, keys)?])
}

fn change_set(state: &StateAt, keys: Vec<StorageKey>) -> Result<StorageChangeSet<H256>, RpcError> {
    bounded(&keys)?;
    let changes = keys.into_iter().map(|key| {
        let value = value(&state.backend, &key)?;
        Ok((key, value))
    });
    Ok(StorageChangeSet { block: state.hash, changes: changes.collect::<Result<_, RpcError>>()? })
}

/// The values of `keys` at block `from`, and each change of theirs up to block `to`.
fn history(
    chain: &Chain,
    (keys, from, to): (Vec<StorageKey>, H256, Option<H256>),
) -> Result<Vec<StorageChangeSet<H256>>, RpcError> {
    bounded(&keys)?;
    let to = to.unwrap_or_else(|| chain.head().hash);
    let failed = |reason: String| RpcError::Range { from, to, reason };
    let first = chain.state(Some(from)).map_err(|error| failed(error.to_string()))?;
    let last = chain.state(Some(to)).map_err(|error| failed(error.to_string()))?;
    let (first_number, last_number) = (first.header.number, last.header.number);
    let Some(span) = last_number.checked_sub(first_number) else {
        return Err(failed("the first block is after the last".into()));
    };
    let reads = span.saturating_mul(u32::try_from(keys.len()).unwrap_or(u32::MAX));
    if reads > RANGE_READS_MAX {
        return Err(RpcError::TooMany { asked: reads, max: RANGE_READS_MAX });
    }
    let start = change_set(&first, keys)?;
    let mut current = start.changes.clone();
    let mut sets = vec![start];
    for number in first_number.saturating_add(1)..=last_number {
        let Some(block) = chain.block_at(number)? else {
            break;
        };
        let state = chain.state(Some(block.hash))?;
        let mut changes = Vec::new();
        for (key, known) in &mut current {
            let now = value(&state.backend, key)?;
            if now != *known {
                changes.push((key.clone(), now.clone()));
                *known = now;
            }
        }
        if !changes.is_empty() {
            sets.push(StorageChangeSet { block: block.hash, changes });
        }
    }
    Ok(sets)
}

fn proof(state: StateAt, keys: Vec<StorageKey>) -> Result<ReadProof, RpcError> {
    bounded(&keys)?;
    let at = state.hash;
    let proof =
        prove_read(state.backend, keys.iter().map(|key| &key.0)).map_err(|error| RpcError::State(error.to_string()))?;
    Ok(ReadProof { at, proof: proof.into_iter_nodes().map(Bytes).collect() })
}

pub(super) fn bounded(keys: &[StorageKey]) -> Result<(), RpcError> {
    let asked = u32::try_from(keys.len()).unwrap_or(u32::MAX);
    if asked > NAMED_KEYS_MAX {
        return Err(RpcError::TooMany { asked, max: NAMED_KEYS_MAX });
    }
    Ok(())
}

/// The runtime never changes: one notification, then silence.
async fn follow_version(pending: PendingSubscriptionSink) -> SubscriptionCloseResponse {
    let Ok(sink) = pending.accept().await else {
        return SubscriptionCloseResponse::None;
    };
    if send(&sink, &VERSION).await {
        sink.closed().await;
    }
    SubscriptionCloseResponse::None
}

async fn follow_storage(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
) -> SubscriptionCloseResponse {
    // Before the values are read, so that no change falls between.
    let news = context.chain.subscribe();
    let (height, first) = match first_values(&params, &context).await {
        Ok(first) => first,
        Err(error) => {
            pending.reject(error).await;
            return SubscriptionCloseResponse::None;
        }
    };
    let keys: HashSet<Vec<u8>> = first.changes.iter().map(|(key, _)| key.0.clone()).collect();
    let Ok(sink) = pending.accept().await else {
        return SubscriptionCloseResponse::None;
    };
    if !send(&sink, &first).await {
        return SubscriptionCloseResponse::None;
    }
    forward(sink, news, height, move |news| changes_of(news, &keys)).await
}

async fn first_values(
    params: &Params<'_>,
    context: &Context,
) -> Result<(u32, StorageChangeSet<H256>), ErrorObjectOwned> {
    // Without keys the node tells every change of the state, to trusted callers only; here nobody is.
    let keys: Vec<StorageKey> = params.one()?;
    let read = context.run(move |chain| {
        let state = chain.state(None)?;
        Ok((state.header.number, change_set(&state, keys)?))
    });
    Ok(read.await?)
}

fn changes_of(news: &News, keys: &HashSet<Vec<u8>>) -> Option<StorageChangeSet<H256>> {
    let changes = news.changes.iter().filter(|(key, _)| keys.contains(key));
    let changes: Vec<_> =
        changes.map(|(key, value)| (StorageKey(key.clone()), value.clone().map(StorageData))).collect();
    (!changes.is_empty()).then_some(StorageChangeSet { block: news.hash, changes })
}
