//! Deployment, and what is not taken for a registry.

use marque_sdk::{
    AttachError, CallError, Chain, Did, Registry,
    bundle::DID_REGISTRY,
    chain::At,
    primitives::{AccountId, DeviceId, RegistryId},
};
use parity_scale_codec::Encode;

use super::world::{World, id};

const NEW: [u8; 4] = [0x9b, 0xae, 0x9d, 0x5e];

pub async fn what_is_not_the_registry_is_not_attached_to(world: &World) {
    let World { chain, registry, alice, .. } = world;
    let contract = registry.contract();
    let attached = Registry::attach(chain, contract).await.unwrap();
    assert_eq!(attached.id(), RegistryId::derive(&chain.genesis_hash(), &contract));
    assert_eq!(chain.code_hash(&contract, At::Finalized).await.unwrap(), Some(DID_REGISTRY.code_hash()));

    let nobody = Registry::attach(chain, AccountId([7; 32])).await;
    assert!(matches!(nobody, Err(AttachError::NoContract { .. })), "{nobody:?}");

    let ed25519 = registry.info().await.unwrap().ed25519;
    let data = (NEW, [9u8; 32], ed25519).encode();
    let foreign = chain.deploy(alice, DID_REGISTRY.wasm(), &data, b"foreign").await.unwrap();
    let wrong_chain = Registry::attach(chain, foreign.contract).await;
    assert!(matches!(wrong_chain, Err(AttachError::WrongChain { found: [9, ..], .. })), "{wrong_chain:?}");

    // A contract of somebody's own would call any signature good.
    let data = (NEW, chain.genesis_hash(), AccountId([7; 32])).encode();
    let forger = chain.deploy(alice, DID_REGISTRY.wasm(), &data, b"forger").await.unwrap();
    let wrong_check = Registry::attach(chain, forger.contract).await;
    assert!(matches!(wrong_check, Err(AttachError::WrongSignatureCheck { .. })), "{wrong_check:?}");

    let other_code = chain.deploy(alice, &contract_without_messages(), &[], b"other").await.unwrap();
    let wrong_code = Registry::attach(chain, other_code.contract).await;
    assert!(matches!(wrong_code, Err(AttachError::WrongCode { .. })), "{wrong_code:?}");

    let did = registry.did(DeviceId([1; 32]));
    assert!(Registry::attach_did(chain, contract, &did).await.is_ok());
    let elsewhere = Did::new(RegistryId([0; 10]), did.device);
    let wrong_registry = Registry::attach_did(chain, contract, &elsewhere).await;
    assert!(matches!(wrong_registry, Err(AttachError::WrongRegistry { .. })), "{wrong_registry:?}");

    nobody_answers().await;
    nobody_is_called(world).await;
}

async fn nobody_answers() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Chain::connect(&url).await.unwrap_err();
    assert!(error.is_unreachable() && error.to_string().contains(&url), "{error}");
}

async fn nobody_is_called(world: &World) {
    let called = world.chain.call(&world.alice, &id(&world.eve), &[0; 4]).await;
    assert!(matches!(called, Err(CallError::ContractNotFound { .. })), "{called:?}");
}

/// The smallest contract: `(module (import "env" "memory" (memory 1 1)) (func (export "call")) (func (export "deploy")))`.
fn contract_without_messages() -> Vec<u8> {
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    wasm.extend([1, 4, 1, 0x60, 0, 0]);
    wasm.extend(b"\x02\x10\x01\x03env\x06memory\x02\x01\x01\x01");
    wasm.extend([3, 3, 2, 0, 0]);
    wasm.extend(b"\x07\x11\x02\x04call\0\0\x06deploy\0\x01");
    wasm.extend([10, 7, 2, 2, 0, 0x0b, 2, 0, 0x0b]);
    wasm
}
