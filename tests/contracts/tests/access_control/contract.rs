//! The contract as a whole.

use marque_contract_tests::{
    Access, Actor, Bundle, Chain, Failure, access::RECLAIM_PRICE, chain::Means, deployed::GENESIS_HASH,
};
use marque_primitives::{AccountId, access::AccessInfo};
use parity_scale_codec::Encode;

use crate::{messages, scene::Scene};

#[test]
fn has_these_messages_and_no_others() {
    let bundle = Bundle::committed("access_control");
    let expected = [
        "check",
        "entitlements",
        "execute",
        "grants",
        "info",
        "is_token_revoked",
        "issuer",
        // The constructor.
        "new",
        "reclaim",
        "register_issuer",
        "role",
        "scope",
        "tokens_before",
        "trust",
        "verify",
    ];
    assert_eq!(bundle.names().collect::<Vec<_>>(), expected);
}

#[test]
fn starts_empty_with_what_it_was_given() {
    let mut access = Access::default();
    let (registry, ed25519) = (access.registry.contract, access.registry.ed25519);
    let expected =
        AccessInfo { genesis_hash: GENESIS_HASH, registry, ed25519, reclaim_price: RECLAIM_PRICE, next_issuer: 0 };
    assert_eq!(access.info(), expected);
    assert_eq!(access.issuer(0), None);
}

/// Nobody, its deployer included, can replace the code or end the contract: it does not import the chain's functions for that. It can pay,
/// which `reclaim` alone does, and only what came with the call: the harness compares the contract's balance after each write.
#[test]
fn can_not_be_replaced_or_ended() {
    let bundle = Bundle::committed("access_control");
    assert!(bundle.imports("set_storage") && bundle.imports("transfer"), "a name that is imported is found");
    // Of calls to other contracts there is nothing to see: `call` is what every contract exports.
    for name in ["set_code_hash", "terminate", "delegate_call", "instantiate", "call_runtime"] {
        assert!(!bundle.imports(name), "{name}");
    }
}

#[test]
fn only_reclaim_takes_money() {
    let mut scene = Scene::new();
    let (caller, contract) = (scene.owner.account(), scene.access.contract);
    for (name, input) in messages::all(&scene).into_iter().filter(|(name, _)| *name != "reclaim") {
        let before = [caller, contract].map(|account| scene.access.chain().free_balance(account));
        let answer = scene.access.call_raw(input, caller, Means::paying(RECLAIM_PRICE));
        assert!(answer.is_err(), "{name}: {answer:?}");
        let after = [caller, contract].map(|account| scene.access.chain().free_balance(account));
        assert_eq!(after, before, "{name}");
    }
    scene.access.check_state();
}

#[test]
fn is_not_deployed_by_bad_input() {
    let bundle = Bundle::committed("access_control");
    let arguments = (GENESIS_HASH, AccountId([1; 32]), AccountId([2; 32]), RECLAIM_PRICE);
    let whole = (bundle.selector("new"), arguments).encode();
    let deployer = Actor::new("deployer").account();
    let mut chain = Chain::default();
    for length in 0..whole.len() {
        let deployed = chain.deploy(&bundle.wasm, whole[..length].to_vec(), b"", deployer);
        assert_eq!(deployed.map(|receipt| receipt.result), Err(Failure::Language), "{length}");
    }
}
