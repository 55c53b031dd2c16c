//! `childstate_*`: the states of contracts, each in a trie of its own under the main one.

use jsonrpsee::core::RegisterMethodError;
use sp_core::H256;
use sp_state_machine::{Backend as _, prove_child_read};
use sp_storage::{ChildInfo, ChildType, PrefixedStorageKey, StorageData, StorageKey};

use super::error::RpcError;
use super::state::{ReadProof, bounded, keys};
use super::{Module, state_query};
use crate::chain::StateAt;

type Child = PrefixedStorageKey;

pub(super) fn register(module: &mut Module) -> Result<(), RegisterMethodError> {
    let named = ["childstate_getKeysPaged", "childstate_getKeysPagedAt"];
    state_query(
        module,
        &named,
        |p| Ok((p.next()?, p.optional_next()?, p.next()?, p.optional_next()?)),
        |state, (child, prefix, count, start): (Child, Option<StorageKey>, u32, Option<StorageKey>)| {
            keys(&state.backend, Some(info(&child)?), prefix, count, start)
        },
    )?;
    state_query(module, &["childstate_getStorage"], |p| Ok((p.next()?, p.next()?)), value)?;
    state_query(
        module,
        &["childstate_getStorageEntries"],
        |p| Ok((p.next()?, p.next()?)),
        |state, (child, keys): (Child, Vec<StorageKey>)| {
            bounded(&keys)?;
            let child = info(&child)?;
            let values = keys.iter().map(|key| read(&state, &child, key));
            values.collect::<Result<Vec<_>, _>>()
        },
    )?;
    state_query(module, &["childstate_getStorageHash"], |p| Ok((p.next()?, p.next()?)), hash)?;
    state_query(
        module,
        &["childstate_getStorageSize"],
        |p| Ok((p.next()?, p.next()?)),
        |state, asked| Ok(value(state, asked)?.map(|value| value.0.len() as u64)),
    )?;
    state_query(module, &["state_getChildReadProof"], |p| Ok((p.next()?, p.next()?)), proof)
}

fn info(key: &Child) -> Result<ChildInfo, RpcError> {
    match ChildType::from_prefixed_key(key) {
        Some((ChildType::ParentKeyId, id)) => Ok(ChildInfo::new_default(id)),
        None => Err(RpcError::State("Invalid child storage key".into())),
    }
}

fn read(state: &StateAt, child: &ChildInfo, key: &StorageKey) -> Result<Option<StorageData>, RpcError> {
    let value = state.backend.child_storage(child, &key.0).map_err(RpcError::State)?;
    Ok(value.map(StorageData))
}

fn value(state: StateAt, (child, key): (Child, StorageKey)) -> Result<Option<StorageData>, RpcError> {
    read(&state, &info(&child)?, &key)
}

fn hash(state: StateAt, (child, key): (Child, StorageKey)) -> Result<Option<H256>, RpcError> {
    state.backend.child_storage_hash(&info(&child)?, &key.0).map_err(RpcError::State)
}

fn proof(state: StateAt, (child, keys): (Child, Vec<StorageKey>)) -> Result<ReadProof, RpcError> {
    bounded(&keys)?;
    let (at, child) = (state.hash, info(&child)?);
    let proof = prove_child_read(state.backend, &child, keys.iter().map(|key| &key.0))
        .map_err(|error| RpcError::State(error.to_string()))?;
    Ok(ReadProof { at, proof: proof.into_iter_nodes().map(sp_core::Bytes).collect() })
}
