//! SCALE shapes and hexadecimal texts of the node's interface.

use marque_primitives::{AccountId, Hash};
use parity_scale_codec::{Compact, Decode, Encode, Input};

use super::{CallError, ChainError};

/// What an execution costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Weight {
    /// Time, in picoseconds of the reference machine.
    pub ref_time: u64,
    /// Bytes of storage proof.
    pub proof_size: u64,
}

impl Weight {
    /// This and `percent` more, but not above `max`.
    pub(super) fn with_margin(self, percent: u8, max: Self) -> Self {
        let more = |value: u64| value.saturating_add((value / 100).saturating_add(1).saturating_mul(percent.into()));
        Self { ref_time: more(self.ref_time).min(max.ref_time), proof_size: more(self.proof_size).min(max.proof_size) }
    }
}

impl Encode for Weight {
    fn encode_to<T: parity_scale_codec::Output + ?Sized>(&self, output: &mut T) {
        (Compact(self.ref_time), Compact(self.proof_size)).encode_to(output);
    }
}

impl Decode for Weight {
    fn decode<I: Input>(input: &mut I) -> Result<Self, parity_scale_codec::Error> {
        let (Compact(ref_time), Compact(proof_size)) = <(Compact<u64>, Compact<u64>)>::decode(input)?;
        Ok(Self { ref_time, proof_size })
    }
}

/// `pallet_contracts::ExecReturnValue`.
#[derive(Clone, PartialEq, Eq, Debug, Decode, Encode)]
pub(super) struct ExecReturn {
    pub(super) flags: u32,
    pub(super) data: Vec<u8>,
}

impl ExecReturn {
    const REVERT: u32 = 1;

    pub(super) const fn is_reverted(&self) -> bool {
        self.flags & Self::REVERT != 0
    }
}

/// `pallet_contracts::InstantiateReturnValue`.
#[derive(Clone, PartialEq, Eq, Debug, Decode, Encode)]
pub(super) struct InstantiateReturn {
    pub(super) result: ExecReturn,
    pub(super) account: AccountId,
}

/// `pallet_contracts::StorageDeposit`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Decode, Encode)]
enum StorageDeposit {
    Refund(u128),
    Charge(u128),
}

/// `pallet_contracts::ContractResult`, up to its events, which stay as they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct DryRunResult<T> {
    pub(super) gas_required: Weight,
    /// What is charged; 0 for a refund.
    pub(super) deposit: u128,
    /// The dispatch error's bytes, with what follows, when it failed.
    pub(super) result: Result<T, Vec<u8>>,
}

impl<T: Decode> DryRunResult<T> {
    /// Reads the answer of `ContractsApi_call` and `ContractsApi_instantiate`.
    pub(super) fn decode(mut bytes: &[u8]) -> Result<Self, parity_scale_codec::Error> {
        let input = &mut bytes;
        let _gas_consumed = Weight::decode(input)?;
        let gas_required = Weight::decode(input)?;
        let deposit = match StorageDeposit::decode(input)? {
            StorageDeposit::Charge(amount) => amount,
            StorageDeposit::Refund(_) => 0,
        };
        let _debug_message = Vec::<u8>::decode(input)?;
        let result = match u8::decode(input)? {
            0 => Ok(T::decode(input)?),
            1 => Err(input.to_vec()),
            _ => return Err("neither Ok nor Err".into()),
        };
        Ok(Self { gas_required, deposit, result })
    }
}

/// `Contracts.ContractEmitted`: the contract, and its data.
#[derive(Clone, PartialEq, Eq, Debug, Decode, Encode)]
pub(super) struct Emitted {
    pub(super) contract: AccountId,
    pub(super) data: Vec<u8>,
}

/// Reads a whole value. What is left over is an error.
pub(crate) fn decode_all<T: Decode>(what: &str, mut bytes: &[u8]) -> Result<T, CallError> {
    let value = T::decode(&mut bytes).map_err(|error| CallError::undecodable(what, error))?;
    if bytes.is_empty() {
        Ok(value)
    } else {
        Err(CallError::undecodable(what, format!("{} bytes are left over", bytes.len())))
    }
}

/// `0x…`
pub(super) fn hex(bytes: &[u8]) -> String {
    format!("0x{}", ::hex::encode(bytes))
}

/// Reads `0x…`.
pub(super) fn bytes(request: &str, text: &str) -> Result<Vec<u8>, ChainError> {
    let digits = text.strip_prefix("0x").ok_or_else(|| ChainError::undecodable(request, "no 0x"))?;
    ::hex::decode(digits).map_err(|error| ChainError::undecodable(request, error))
}

/// Reads `0x…` of 32 bytes.
pub(super) fn hash(request: &str, text: &str) -> Result<Hash, ChainError> {
    bytes(request, text)?.try_into().map_err(|_| ChainError::undecodable(request, "not 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Vec<u8> {
        let mut bytes = (Weight { ref_time: 1, proof_size: 2 }, Weight { ref_time: 300, proof_size: 400 }).encode();
        bytes.extend((StorageDeposit::Charge(5), b"debug".to_vec()).encode());
        bytes.extend(Ok::<_, ()>(ExecReturn { flags: 1, data: vec![7, 8] }).encode());
        bytes
    }

    #[test]
    fn a_dry_run_is_read_with_whatever_events_follow() {
        for events in [vec![], vec![0], vec![1, 4, 9, 9]] {
            let result = DryRunResult::<ExecReturn>::decode(&[answer(), events].concat()).unwrap();
            assert_eq!((result.gas_required.ref_time, result.deposit), (300, 5));
            assert!(result.result.unwrap().is_reverted());
        }
    }

    #[test]
    fn a_dry_run_cut_anywhere_is_an_error() {
        let whole = answer();
        for cut in 0..whole.len() {
            assert!(DryRunResult::<ExecReturn>::decode(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn left_over_bytes_are_refused() {
        assert!(decode_all::<u32>("x", &[1, 0, 0, 0]).is_ok());
        assert!(matches!(decode_all::<u32>("x", &[1, 0, 0, 0, 0]), Err(CallError::Undecodable { .. })));
        assert!(matches!(decode_all::<u32>("x", &[1, 0, 0]), Err(CallError::Undecodable { .. })));
    }

    #[test]
    fn a_margin_never_passes_the_blocks_maximum_nor_overflows() {
        let max = Weight { ref_time: 1000, proof_size: u64::MAX };
        let weight = Weight { ref_time: 950, proof_size: u64::MAX - 1 }.with_margin(25, max);
        assert_eq!(weight, Weight { ref_time: 1000, proof_size: u64::MAX });
        assert!(Weight { ref_time: 100, proof_size: 0 }.with_margin(15, max).ref_time >= 115);
    }

    #[test]
    fn hexadecimal_is_strict() {
        assert!(hash("x", &format!("0x{}", "00".repeat(32))).is_ok());
        for text in ["", "0x", "00", "0x0", "0xzz"] {
            assert!(hash("x", text).is_err(), "{text}");
        }
    }
}
