//! The contract's messages: their selectors, and how what they return is read.

use marque_primitives::Error;
use parity_scale_codec::{Decode, Encode};

use crate::chain::{CallError, decode_all};

/// What a message is called by.
pub(super) type Selector = [u8; 4];

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

/// `ink::LangError`: the contract did not understand the call.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(super) enum LangError {
    #[codec(index = 1)]
    CouldNotReadInput,
}

/// Reads what a message that can't be refused returns.
pub(super) fn returned<T: Decode>(message: &str, data: &[u8]) -> Result<T, CallError> {
    understood(message, decode_all::<Result<T, LangError>>(message, data)?)
}

/// Reads what a message that can be refused returns.
pub(super) fn accepted<T: Decode>(message: &str, data: &[u8]) -> Result<T, CallError> {
    returned::<Result<T, Error>>(message, data)?.map_err(CallError::Refused)
}

/// Makes of a revert what the contract says by it.
pub(super) fn refused(message: &str, error: CallError) -> CallError {
    match error {
        CallError::Reverted { data } => match accepted::<()>(message, &data) {
            Err(refused @ CallError::Refused(_)) => refused,
            _ => CallError::Reverted { data },
        },
        other => other,
    }
}

fn understood<T>(message: &str, result: Result<T, LangError>) -> Result<T, CallError> {
    result.map_err(|LangError::CouldNotReadInput| {
        CallError::undecodable(message, "the contract can't read the call: it is another contract")
    })
}

#[cfg(test)]
mod tests {
    use marque_primitives::DeviceStatus;

    use super::*;

    #[test]
    fn the_selectors_are_those_of_the_bundle() {
        let bundle: serde_json::Value = serde_json::from_str(crate::bundle::DID_REGISTRY.metadata_json()).unwrap();
        let spec = &bundle["spec"];
        let all = [&spec["constructors"], &spec["messages"]];
        let found: Vec<(String, String)> = all
            .iter()
            .flat_map(|list| list.as_array().unwrap())
            .map(|item| (item["label"].as_str().unwrap().to_owned(), item["selector"].as_str().unwrap().to_owned()))
            .collect();
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
        let known: Vec<_> =
            known.map(|(label, selector)| (label.to_owned(), format!("0x{}", hex::encode(selector)))).to_vec();
        assert_eq!(found, known, "a message was added, removed or renamed");
        let topic = spec["events"][0]["signature_topic"].as_str().unwrap();
        assert_eq!(topic, format!("0x{}", hex::encode(DEVICE_CHANGED)));
    }

    #[test]
    fn a_refusal_is_typed() {
        let data = Ok::<Result<(), Error>, LangError>(Err(Error::Suspended)).encode();
        let error = refused("execute", CallError::Reverted { data });
        assert_eq!(error.refusal(), Some(Error::Suspended));
    }

    #[test]
    fn what_is_no_refusal_stays_as_it_is() {
        for data in [vec![], vec![0], vec![0, 1], vec![0, 1, 255], vec![0, 1, 3, 0], vec![1, 1], vec![0, 0]] {
            let error = refused("execute", CallError::Reverted { data: data.clone() });
            assert!(matches!(error, CallError::Reverted { data: kept } if kept == data));
        }
    }

    #[test]
    fn returned_values_cut_or_continued_are_errors() {
        let status = DeviceStatus { status: marque_primitives::Status::Active, epoch: 1, version: 2, changed_block: 3 };
        let whole = Ok::<Option<DeviceStatus>, LangError>(Some(status)).encode();
        assert_eq!(returned::<Option<DeviceStatus>>("status", &whole).unwrap(), Some(status));
        for cut in 0..whole.len() {
            assert!(returned::<Option<DeviceStatus>>("status", &whole[..cut]).is_err(), "cut at {cut}");
        }
        assert!(returned::<Option<DeviceStatus>>("status", &[whole, vec![0]].concat()).is_err());
    }

    #[test]
    fn a_call_that_is_not_understood_says_so() {
        assert!(matches!(returned::<()>("info", &[1, 1]), Err(CallError::Undecodable { .. })));
    }
}
