//! The contract as a whole.

use marque_contract_tests::{Actor, Bundle, Chain, Failure, Registry, deployed::GENESIS_HASH};
use marque_primitives::{AccountId, RegistryInfo};
use parity_scale_codec::Encode;

#[test]
fn has_these_messages_and_no_others() {
    let bundle = Bundle::committed("did_registry");
    let expected = [
        "device",
        "execute",
        "execute_signed",
        "info",
        "key_status",
        // The constructor.
        "new",
        "register_batch",
        "status",
        "statuses",
        "verify_signature",
    ];
    assert_eq!(bundle.names().collect::<Vec<_>>(), expected);
}

#[test]
fn starts_empty_with_the_genesis_hash_that_it_was_given() {
    let mut registry = Registry::default();
    let ed25519 = registry.ed25519;
    let expected = RegistryInfo { genesis_hash: GENESIS_HASH, ed25519, registered: 0, last_registration_block: 0 };
    assert_eq!(registry.info(), expected);
}

/// Nobody, its deployer included, can replace the code, end the contract, or move what it holds: it does not import
/// the chain's functions for that.
#[test]
fn can_not_be_replaced_ended_or_emptied() {
    let bundle = Bundle::committed("did_registry");
    assert!(bundle.imports("set_storage"), "a name that is imported is found");
    // Of calls to other contracts there is nothing to see: `call` is what every contract exports.
    for name in ["set_code_hash", "terminate", "delegate_call", "instantiate", "transfer", "call_runtime"] {
        assert!(!bundle.imports(name), "{name}");
    }
}

#[test]
fn is_not_deployed_by_bad_input() {
    let bundle = Bundle::committed("did_registry");
    let whole = (bundle.selector("new"), GENESIS_HASH, AccountId([0; 32])).encode();
    let deployer = Actor::new("deployer").account();
    let mut chain = Chain::default();
    for length in 0..whole.len() {
        let deployed = chain.deploy(&bundle.wasm, whole[..length].to_vec(), b"", deployer);
        assert_eq!(deployed.map(|receipt| receipt.result), Err(Failure::Language), "{length}");
    }
}
