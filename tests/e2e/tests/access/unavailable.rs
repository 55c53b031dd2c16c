//! A caller who pays for too little execution: the access contract can't find out, says so, and lets nobody in.

use marque_e2e_tests::{
    Backend,
    access::{ED25519, Scene},
};
use marque_sdk::{At, Signer, chain::Weight, primitives::token::VerifyError};
use parity_scale_codec::{Compact, Decode, Encode};
use subxt::rpcs::{RpcClient, client::rpc_params};

/// The selector of `verify`.
const VERIFY: [u8; 4] = [0x18, 0x60, 0xff, 0x3b];
/// How many amounts of execution are tried.
const STEPS: u64 = 100;

/// What `verify` answers: `Err` outside when the contract did not understand, which it does.
type Answer = Result<Result<marque_sdk::primitives::token::Verified, VerifyError>, u8>;

pub async fn too_little_execution_says_nothing_of_the_token(scene: &Scene, backend: &Backend) {
    let vehicle = scene.vehicle().await;
    let token = scene.issue_with(&scene.claims(&vehicle).await, ED25519);
    let (contract, caller) = (scene.access.contract(), vehicle.account());
    let data = (VERIFY, &token, scene.requirement(), caller).encode();
    let needed = scene.chain().dry_run_call(&caller, &contract, &data, At::Finalized).await.unwrap().gas;
    let rpc = RpcClient::from_insecure_url(backend.url()).await.unwrap();
    let (mut good, mut unavailable) = (0, 0);
    for step in 1..=STEPS {
        let ref_time = needed.ref_time * step / STEPS;
        let gas = Some(Weight { ref_time, ..needed });
        let call = (caller, contract, 0u128, gas, None::<u128>, &data).encode();
        let params = rpc_params!["ContractsApi_call", format!("0x{}", hex::encode(call))];
        let result: String = rpc.request("state_call", params).await.unwrap();
        match answer(&hex::decode(result.trim_start_matches("0x")).unwrap()) {
            None => {}
            Some(Ok(Ok(_))) => good += 1,
            Some(Ok(Err(VerifyError::Unavailable))) => unavailable += 1,
            Some(other) => panic!("{step} of {STEPS} of what it takes: {other:?}"),
        }
    }
    assert!(good >= 1 && unavailable >= 1, "{good} {unavailable}");
}

/// What the contract answered in a dry run, if it did: gas consumed and required, storage deposit, debug message, and then the result.
fn answer(run: &[u8]) -> Option<Answer> {
    let input = &mut &run[..];
    type Gas = (Compact<u64>, Compact<u64>);
    <(Gas, Gas, (u8, u128), Vec<u8>)>::decode(input).expect("a dry run begins so");
    let is_returned = u8::decode(input).unwrap() == 0;
    let (_flags, data) = is_returned.then(|| <(u32, Vec<u8>)>::decode(input).expect("flags and data"))?;
    Some(Answer::decode(&mut &data[..]).expect("it answers as `verify` does"))
}
