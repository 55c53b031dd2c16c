//! `system_*`: what the chain says about itself, and account nonces.

use contracts_node_runtime::AccountId;
use jsonrpsee::core::RegisterMethodError;
use jsonrpsee::types::ErrorObjectOwned;
use parity_scale_codec::{Decode, Encode};
use serde_json::json;
use sp_core::Bytes;
use sp_runtime::OpaqueExtrinsic;
use tokio::sync::oneshot;

use super::error::RpcError;
use super::{Context, Module, state_query};
use crate::author::dry_run;
use crate::chain::StateAt;
use crate::pool::{Pool, Tag};
use crate::runtime;
use crate::seal::Command;

/// There is no network, so no peer: the peer id of the all-zero key, for clients that insist on one.
const PEER_ID: &str = "12D3KooW9pNAk8aiBuGVQtWRdbkLmo5qVL3e2h5UxbN2Nz9ttwiw";

/// Why an extrinsic cannot be tried: it does not decode, or the runtime fails on it.
const UNDECODABLE: i32 = 2;
const RUNTIME_ERROR: i32 = 1;

pub(super) fn register(module: &mut Module) -> Result<(), RegisterMethodError> {
    module.register_method("system_name", |_, _, _| "Marque development chain")?;
    module.register_method("system_version", |_, _, _| env!("CARGO_PKG_VERSION"))?;
    module.register_method("system_chain", |_, _, _| "Development")?;
    module.register_method("system_chainType", |_, _, _| "Development")?;
    module.register_method("system_properties", |_, _, _| json!({}))?;
    module.register_method("system_nodeRoles", |_, _, _| json!(["Authority"]))?;
    module.register_method("system_peers", |_, _, _| json!([]))?;
    module.register_method("system_localPeerId", |_, _, _| PEER_ID)?;
    module.register_method("system_localListenAddresses", |_, _, _| json!([]))?;
    module.register_method(
        "system_health",
        |_, _, _| json!({ "peers": 0, "isSyncing": false, "shouldHavePeers": false }),
    )?;
    module.register_async_method("system_accountNextIndex", |params, context, _| async move {
        let account: AccountId = params.one()?;
        next_index(&context, account).await.map_err(ErrorObjectOwned::from)
    })?;
    module.register_alias("account_nextIndex", "system_accountNextIndex")?;
    let names = ["system_dryRun", "system_dryRunAt"];
    state_query(module, &names, |p| p.next::<Bytes>(), try_extrinsic)
}

/// The account's nonce on chain, or the first one after those that wait in the pool.
async fn next_index(context: &Context, account: AccountId) -> Result<u32, RpcError> {
    let asked = account.clone();
    let nonce: u32 = context
        .run(move |chain| {
            let state = chain.state(None)?;
            Ok(runtime::query(&state.backend, "AccountNonceApi_account_nonce", &asked.encode())?)
        })
        .await?;
    let (reply, answer) = oneshot::channel();
    let look: Box<dyn FnOnce(&Pool) + Send> = Box::new(move |pool| {
        let mut next = nonce;
        while pool.provides_ready(&tag(&account, next)) {
            next = next.saturating_add(1);
        }
        // The asker may have hung up.
        let _ = reply.send(next);
    });
    context.commands.send(Command::Inspect(look)).await.map_err(|_| RpcError::Stopped)?;
    answer.await.map_err(|_| RpcError::Stopped)
}

/// What a transaction of `account` with this nonce provides in this runtime.
fn tag(account: &AccountId, nonce: u32) -> Tag {
    (account, nonce).encode()
}

fn try_extrinsic(state: StateAt, bytes: Bytes) -> Result<Bytes, RpcError> {
    let failed = |attempt, code, reason| RpcError::Extrinsic { attempt, code, reason };
    let extrinsic = OpaqueExtrinsic::decode(&mut &bytes[..])
        .map_err(|error| failed("Unable to dry run extrinsic", UNDECODABLE, error.to_string()))?;
    let result = dry_run(state, &extrinsic).map_err(|error| {
        let reason = format!("Execution failed: {error}");
        failed("Unable to dry run extrinsic.", RUNTIME_ERROR, reason)
    })?;
    Ok(Bytes(result.encode()))
}
