//! The contract as a whole.

use marque_contract_tests::{Bundle, chain::Means};

use crate::{input, scene::Scene};

#[test]
fn has_these_messages_and_no_others() {
    let bundle = Bundle::committed("charging");
    let expected = ["info", "meter", "new", "owed", "recheck", "session", "set_price", "start", "stop", "withdraw"];
    assert_eq!(bundle.names().collect::<Vec<_>>(), expected);
}

/// Nobody, its deployer and operator included, can replace the code or end the contract: it does not import the chain's functions for that.
/// It can pay: the harness compares the contract's balance after each write.
#[test]
fn can_not_be_replaced_or_ended() {
    let bundle = Bundle::committed("charging");
    assert!(bundle.imports("set_storage") && bundle.imports("transfer"), "a name that is imported is found");
    for name in ["set_code_hash", "terminate", "delegate_call", "instantiate", "call_runtime"] {
        assert!(!bundle.imports(name), "{name}");
    }
}

#[test]
fn only_a_start_takes_money() {
    let (mut scene, id) = Scene::charging();
    let (caller, contract) = (scene.vehicle.account(), scene.station.contract);
    for (name, input) in input::all(&scene, id).into_iter().filter(|(name, _)| *name != "start") {
        let before = [caller, contract].map(|account| scene.station.chain().free_balance(account));
        let answer = scene.station.call_raw(input, caller, Means::paying(1));
        assert!(answer.is_err(), "{name}: {answer:?}");
        let after = [caller, contract].map(|account| scene.station.chain().free_balance(account));
        assert_eq!(after, before, "{name}");
    }
    scene.station.check_money();
}
