//! `payment_*`: what an extrinsic would cost.

use frame_support::dispatch::DispatchClass;
use frame_support::weights::Weight;
use jsonrpsee::core::RegisterMethodError;
use parity_scale_codec::{Decode, Encode};
use serde::Serialize;
use sp_core::{Bytes, U256};
use sp_runtime::OpaqueExtrinsic;

use super::error::RpcError;
use super::{Module, state_query};
use crate::chain::StateAt;
use crate::runtime;

const UNDECODABLE: i32 = 2;
const RUNTIME_ERROR: i32 = 1;

/// The runtime's `RuntimeDispatchInfo`.
#[derive(Clone, Decode, Serialize)]
#[serde(rename_all = "camelCase")]
struct DispatchInfo {
    weight: Weight,
    class: DispatchClass,
    #[serde(serialize_with = "decimal")]
    partial_fee: u128,
}

/// The runtime's `InclusionFee`.
#[derive(Clone, Decode, Serialize)]
#[serde(rename_all = "camelCase")]
struct InclusionFee {
    #[serde(serialize_with = "hexadecimal")]
    base_fee: u128,
    #[serde(serialize_with = "hexadecimal")]
    len_fee: u128,
    #[serde(serialize_with = "hexadecimal")]
    adjusted_weight_fee: u128,
}

/// The runtime's `FeeDetails`, without the tip, which the extrinsic itself tells.
#[derive(Clone, Decode, Serialize)]
#[serde(rename_all = "camelCase")]
struct FeeDetails {
    inclusion_fee: Option<InclusionFee>,
}

pub(super) fn register(module: &mut Module) -> Result<(), RegisterMethodError> {
    state_query(
        module,
        &["payment_queryInfo"],
        |p| p.next::<Bytes>(),
        |state, bytes| {
            let attempt = "Unable to query dispatch info.";
            ask::<DispatchInfo>(&state, "TransactionPaymentApi_query_info", attempt, &bytes)
        },
    )?;
    state_query(
        module,
        &["payment_queryFeeDetails"],
        |p| p.next::<Bytes>(),
        |state, bytes| {
            let attempt = "Unable to query fee details.";
            ask::<FeeDetails>(&state, "TransactionPaymentApi_query_fee_details", attempt, &bytes)
        },
    )
}

fn ask<T: Decode>(state: &StateAt, method: &str, attempt: &'static str, bytes: &[u8]) -> Result<T, RpcError> {
    let failed = |code, reason: String| RpcError::Extrinsic { attempt, code, reason };
    let extrinsic = OpaqueExtrinsic::decode(&mut &bytes[..]).map_err(|error| failed(UNDECODABLE, error.to_string()))?;
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    runtime::query(&state.backend, method, &(extrinsic, length).encode())
        .map_err(|error| failed(RUNTIME_ERROR, format!("Execution failed: {error}")))
}

/// The node writes the fee as a decimal string,
fn decimal<S: serde::Serializer>(value: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// and the fee's parts as hexadecimal ones.
fn hexadecimal<S: serde::Serializer>(value: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    U256::from(*value).serialize(serializer)
}
