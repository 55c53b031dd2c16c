//! The contract's messages: their selectors, and how what they return is read.

use marque_primitives::Error;
use parity_scale_codec::Decode;

use crate::{
    chain::CallError,
    ink::{self, Selector},
};

pub(super) use crate::ink::returned;

pub(super) const NEW: Selector = [0x9b, 0xae, 0x9d, 0x5e];
pub(super) const EXECUTE: Selector = [0xd0, 0x0e, 0xc8, 0x94];
pub(super) const EXECUTE_SIGNED: Selector = [0xb4, 0x63, 0xad, 0x38];
pub(super) const REGISTER_BATCH: Selector = [0x91, 0xbc, 0x86, 0x75];
pub(super) const DEVICE: Selector = [0x89, 0x12, 0xf0, 0x70];
pub(super) const STATUS: Selector = [0xdb, 0xa3, 0xea, 0x4d];
pub(super) const STATUSES: Selector = [0x98, 0x83, 0x29, 0xa1];
pub(super) const KEY_STATUS: Selector = [0x11, 0xbc, 0x0f, 0x3f];
pub(super) const VERIFY_SIGNATURE: Selector = [0x07, 0x9d, 0x85, 0x98];
pub(super) const INFO: Selector = [0x01, 0x90, 0xe5, 0xac];
/// The first topic of the event `DeviceChanged`: the hash of its signature.
pub(super) const DEVICE_CHANGED: [u8; 32] = [
    0x68, 0xa2, 0x7b, 0x9c, 0x92, 0x55, 0xa7, 0x94, 0xc9, 0x87, 0xa2, 0xf3, 0x53, 0x69, 0x2c, 0xf2, 0x8b, 0xea, 0x02,
    0x66, 0xdd, 0x47, 0x10, 0xe3, 0xa6, 0xf8, 0xf0, 0x1a, 0x30, 0x14, 0xcd, 0x39,
];

/// Reads what a message that can be refused returns.
pub(super) fn accepted<T: Decode>(message: &str, data: &[u8]) -> Result<T, CallError> {
    ink::accepted::<T, Error>(message, data)
}

/// Makes of a revert what the contract says by it.
pub(super) fn refused(message: &str, error: CallError) -> CallError {
    ink::refused::<Error>(message, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selectors_are_those_of_the_bundle() {
        let known = [
            ("new", NEW),
            ("execute", EXECUTE),
            ("execute_signed", EXECUTE_SIGNED),
            ("register_batch", REGISTER_BATCH),
            ("device", DEVICE),
            ("status", STATUS),
            ("statuses", STATUSES),
            ("key_status", KEY_STATUS),
            ("verify_signature", VERIFY_SIGNATURE),
            ("info", INFO),
        ];
        ink::tests::check(crate::bundle::DID_REGISTRY.metadata_json(), &known, DEVICE_CHANGED);
    }
}
