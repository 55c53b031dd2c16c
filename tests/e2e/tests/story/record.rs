//! Registration, and what a record is made of.

use marque_sdk::{
    Account, CallError, Signer,
    did::encode_multikey,
    primitives::{Controller, Device, Error, NewKey, Operation, PublicKey, Relationships, Service, Status},
};

use super::world::{Registered, World, controlled_by, id, new_device, register};

pub async fn a_funded_device_registers_itself(world: &World) -> Registered {
    let device = new_device();
    let unpaid = world.registry.execute(&device.key, device.id, register(Controller::Device)).await;
    assert!(matches!(&unpaid, Err(error) if error.is_cannot_pay()), "{unpaid:?}");

    world.fund(&device.key).await;
    let missing = world.registry.resolve(&world.registry.did(device.id)).await.unwrap();
    assert!(missing.did_resolution_metadata.error.unwrap().problem_type.ends_with("#NOT_FOUND"));
    world.refuse(&device.key, &device, Operation::Suspend, Error::NotFound).await;

    let receipt = world.registry.execute(&device.key, device.id, register(Controller::Device)).await.unwrap();
    assert!(receipt.fee.is_some_and(|fee| fee > 0) && receipt.weight.ref_time > 0);
    assert_eq!(receipt.events.len(), 1);
    let record = world.record(&device).await;
    assert_eq!((record.status, record.version, record.epoch), (Status::Active, 1, 0));
    assert_eq!(record.changed_block, receipt.block.number);
    world.refuse(&device.key, &device, register(Controller::Device), Error::AlreadyExists).await;
    world.refuse(&world.eve, &new_device(), register(Controller::Device), Error::NotAuthorized).await;
    device
}

pub async fn a_device_without_funds_is_sponsored(world: &World) -> Registered {
    let device = world.sponsor(controlled_by(&world.alice)).await;
    let did = world.registry.did(device.id);
    let resolution = world.registry.resolve(&did).await.unwrap();
    let document = resolution.did_document.unwrap();
    assert_eq!(document.id, did);
    assert_eq!(document.authentication, [format!("{did}#key-0")]);
    assert_eq!(document.verification_method[0].public_key_multibase, encode_multikey(&PublicKey::Ed25519(device.id.0)));
    let controller = marque_sdk::account::format(&id(&world.alice));
    assert_eq!(resolution.did_document_metadata.controller_account, Some(controller));
    device
}

pub async fn keys_are_added_rotated_and_revoked(world: &World, device: &Registered) {
    let World { alice, eve, .. } = world;
    let (second, third) = (Account::generate(), Account::generate());
    let key =
        |account: &Account| NewKey { public_key: account.public_key(), relationships: Relationships::AUTHENTICATION };

    let record = world.execute(alice, device, Operation::AddKey { key: key(&second) }).await;
    assert_eq!((record.keys.len(), record.epoch), (2, 0));
    world.refuse(alice, device, Operation::AddKey { key: key(&second) }, Error::KeyAlreadyExists).await;
    world.refuse(eve, device, Operation::AddKey { key: key(&third) }, Error::NotAuthorized).await;
    let small_order = NewKey { public_key: PublicKey::Ed25519([0; 32]), relationships: Relationships::AUTHENTICATION };
    world.refuse(alice, device, Operation::AddKey { key: small_order }, Error::InvalidKey).await;

    let message = b"a challenge";
    check_signature(world, device, &second, message, Ok(())).await;
    let rotate = Operation::RotateKey { id: 1, public_key: third.public_key() };
    let record = world.execute(alice, device, rotate).await;
    assert_eq!((record.epoch, record.keys.iter().filter(|key| key.is_current()).count()), (1, 2));
    check_signature(world, device, &second, message, Err(Error::KeyNotFound)).await;
    check_signature(world, device, &third, message, Ok(())).await;

    let record = world.execute(alice, device, Operation::RevokeKey { id: 2 }).await;
    assert_eq!(record.epoch, 2);
    world.refuse(alice, device, Operation::RevokeKey { id: 2 }, Error::KeyRevoked).await;
    world.refuse(alice, device, Operation::RevokeKey { id: 9 }, Error::KeyNotFound).await;
    let did = world.registry.did(device.id);
    let document = world.registry.resolve(&did).await.unwrap().did_document.unwrap();
    assert_eq!(document.verification_method.len(), 1, "revoked keys do not appear");
}

async fn check_signature(
    world: &World,
    device: &Registered,
    key: &Account,
    message: &[u8],
    expected: Result<(), Error>,
) {
    let signature = Signer::sign(key, message).unwrap();
    let relationships = Relationships::AUTHENTICATION;
    let checked = world.registry.verify_signature(device.id, relationships, &id(key), message, &signature).await;
    assert_eq!(
        checked.as_ref().map_err(|error| error.refusal()),
        expected.map_err(Some).as_ref().map_err(|error| *error)
    );
    if expected.is_ok() {
        let forged = world.registry.verify_signature(device.id, relationships, &id(key), b"another", &signature).await;
        assert!(matches!(forged, Err(CallError::Refused(Error::InvalidSignature))), "{forged:?}");
    }
}

pub async fn services_and_metadata_are_set_and_removed(world: &World, device: &Registered) {
    let alice = &world.alice;
    let service = |endpoint: &str| Service {
        id: "api".to_owned(),
        service_type: "DeviceApi".to_owned(),
        endpoint: endpoint.to_owned(),
    };
    let set = |endpoint: &str| Operation::SetService { service: service(endpoint) };
    world.execute(alice, device, set("https://a.example")).await;
    let record = world.execute(alice, device, set("https://b.example/x?y=1")).await;
    assert_eq!(record.services, [service("https://b.example/x?y=1")]);
    let did = world.registry.did(device.id);
    let document = world.registry.resolve(&did).await.unwrap().did_document.unwrap();
    assert_eq!(document.service[0].id, format!("{did}#api"));
    world.refuse(alice, device, set("no spaces allowed"), Error::InvalidService).await;
    let record = world.execute(alice, device, Operation::RemoveService { id: "api".to_owned() }).await;
    assert_eq!(record.services, []);
    world.refuse(alice, device, Operation::RemoveService { id: "api".to_owned() }, Error::ServiceNotFound).await;

    let Device { metadata, .. } = world.execute(alice, device, Operation::SetMetadata { hash: Some([5; 32]) }).await;
    assert_eq!(metadata, Some([5; 32]));
    let Device { metadata, epoch, .. } = world.execute(alice, device, Operation::SetMetadata { hash: None }).await;
    assert_eq!((metadata, epoch), (None, 2), "metadata starts no epoch");
}
