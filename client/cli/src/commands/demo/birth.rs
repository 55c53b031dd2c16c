//! How devices come to be, and how they are found.

use marque_sdk::{
    At, Signer,
    primitives::{Controller, DeviceId, Error, Operation, Relationships, Service, Status},
};

use super::{cast::Cast, teller::Teller};
use crate::failure::Outcome;

/// The operation that registers a device.
pub fn register(controller: Controller, services: Vec<Service>) -> Operation {
    Operation::Register { controller, metadata: None, keys: Vec::new(), services }
}

/// A service.
pub fn service(id: &str, service_type: &str, endpoint: &str) -> Service {
    Service { id: id.into(), service_type: service_type.into(), endpoint: endpoint.into() }
}

/// Devices are registered: one by itself, two with somebody else's money.
///
/// # Errors
/// When a step does not go as it should.
pub async fn registrations(teller: &mut Teller, cast: &Cast) -> Outcome {
    teller.chapter(
        "Devices get an identity",
        "Each proves that it has its key. Nobody can register a device but the device.",
    )?;
    let Cast { registry, utility, meter, charger, robot, .. } = cast;
    let api = service("ocpp", "OcppEndpoint", "wss://charger-17.example/ocpp");
    let call = registry.execute(&charger.key, charger.id, register(Controller::Device, vec![api]));
    teller.accepted("the charger registers itself, and pays for it", charger.key.account(), call).await?;

    let of_utility = Controller::Account(utility.account());
    for (name, device) in [("meter", meter), ("robot", robot)] {
        let signed = cast.sign(device.id, register(of_utility, Vec::new()), &device.key).await?;
        let what = format!("the {name} signs its registration, the utility submits and pays it");
        teller.accepted(&what, utility.account(), registry.submit(utility, signed)).await?;
    }
    let money = cast.chain().balance(&meter.key.account(), At::Finalized).await?;
    teller.check("the meter never had money", money.free == 0 && money.reserved == 0)?;

    // With the next nonce: the one of the first time is refused as used, before anything else is looked at.
    let again = registry.prepare(meter.id, register(Controller::Device, Vec::new())).nonce(1);
    let again = again.only_by(utility.account()).sign(&meter.key).await?;
    teller
        .refused("the meter can't be registered twice", Error::AlreadyExists, registry.submit(utility, again))
        .await?;
    let theft = registry.execute(&cast.stranger, DeviceId([7; 32]), register(Controller::Device, Vec::new()));
    teller.refused("a stranger can't register a key that is not its own", Error::NotAuthorized, theft).await?;

    let statuses = registry.statuses(&[meter.id, charger.id, robot.id]).await?;
    let active = |status: &Option<marque_sdk::primitives::DeviceStatus>| {
        status.is_some_and(|status| status.status == Status::Active)
    };
    teller.check("one call tells the status of all three: active", statuses.iter().all(active))
}

/// DIDs are resolved, and a signature is verified.
///
/// # Errors
/// When a step does not go as it should.
pub async fn resolution(teller: &mut Teller, cast: &Cast) -> Outcome {
    teller.chapter("Anybody can look them up", "A DID resolves to keys and services, with one read of the chain.")?;
    let did = cast.registry.did(cast.charger.id);
    let resolution = cast.registry.resolve(&did).await?;
    let Some(document) = &resolution.did_document else {
        return Err(teller.differs("the charger's DID resolves", "there is no document"));
    };
    teller.check(&format!("{did} resolves"), document.id == did)?;
    teller.show(&serde_json::to_string_pretty(document).unwrap_or_default())?;
    teller.check(
        "it has one key, and the charger's service",
        document.verification_method.len() == 1 && document.service.len() == 1,
    )?;

    let challenge = b"who are you?";
    let Ok(signature) = cast.charger.key.sign(challenge) else {
        return Err(teller.differs("the charger signs", "its key does not"));
    };
    let account = cast.charger.key.account();
    let ask = |message: &'static [u8]| {
        cast.registry.verify_signature(cast.charger.id, Relationships::AUTHENTICATION, &account, message, &signature)
    };
    teller.check("the charger signs a challenge, and the contract verifies it", ask(challenge).await.is_ok())?;
    let refusal = ask(b"who are they?").await.err().and_then(|error| error.refusal());
    teller.check("the same signature is not good for another challenge", refusal == Some(Error::InvalidSignature))
}
