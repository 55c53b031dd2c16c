//! Whether a chain is for development, so that keys that everybody has may be used on it.

use subxt::rpcs::client::{RpcClient, rpc_params};

use crate::failure::{Failure, Kind, Outcome};

/// Whether the node says that its chain is of the type `Development` or `Local`.
///
/// # Errors
/// When the node can't be asked.
pub async fn is_development(url: &str) -> Outcome<bool> {
    let failed = |error: subxt::rpcs::Error| {
        Failure::new(Kind::Unreachable, format!("{url} did not say what type of chain it has: {error}"))
    };
    let client = RpcClient::from_insecure_url(url).await.map_err(failed)?;
    let chain_type: serde_json::Value = client.request("system_chainType", rpc_params![]).await.map_err(failed)?;
    Ok(matches!(chain_type.as_str(), Some("Development" | "Local")))
}
