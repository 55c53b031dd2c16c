//! What happens to devices while they live.

use marque_sdk::{
    Signer,
    primitives::{Controller, Error, KeyId, Operation, PublicKey, Relationships, Role, Status, bounds},
};

use super::{birth::service, cast::Cast, teller::Teller};
use crate::failure::Outcome;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const INITIAL_KEY: KeyId = 0;

/// A key is replaced, and the old one is worth nothing.
///
/// # Errors
/// When a step does not go as it should.
pub async fn rotation(teller: &mut Teller, cast: &Cast) -> Outcome {
    teller.chapter("Keys rotate", "The device stays who it is; its old key ends.")?;
    let Cast { registry, utility, meter, meter_key, .. } = cast;
    let rotate = Operation::RotateKey { id: INITIAL_KEY, public_key: PublicKey::Ed25519(meter_key.account().0) };
    let signed = cast.sign(meter.id, rotate, &meter.key).await?;
    teller
        .accepted(
            "the meter puts a new key in the place of its first",
            utility.account(),
            registry.submit(utility, signed),
        )
        .await?;
    let record = registry.device(meter.id).await?;
    let epoch = record.as_ref().map(|record| record.epoch);
    teller.check("a new epoch began: tokens from before are dead", epoch == Some(1))?;
    let api = || Operation::SetService {
        service: service("readings", "MeterReadings", "https://meter-4711.example/readings"),
    };
    let old = cast.sign(meter.id, api(), &meter.key).await?;
    teller.refused("the old key can do nothing any more", Error::NotAuthorized, registry.submit(utility, old)).await?;
    let new = cast.sign(meter.id, api(), meter_key).await?;
    teller.accepted("the new key announces a service", utility.account(), registry.submit(utility, new)).await?;
    let is_signer = |account, record: &marque_sdk::primitives::Device| {
        record.current_key_of(&account, Relationships::AUTHENTICATION).is_some()
    };
    let record = registry.device(meter.id).await?;
    let holds = record
        .is_some_and(|record| is_signer(meter_key.account(), &record) && !is_signer(meter.key.account(), &record));
    teller.check("the registry says the same", holds)
}

/// A signed operation is good once, for one submitter, as it is.
///
/// # Errors
/// When a step does not go as it should.
pub async fn signatures(teller: &mut Teller, cast: &Cast) -> Outcome {
    teller.chapter(
        "A signature is good for one thing, once",
        "It binds chain, contract, device, operation, submitter, nonce and deadline.",
    )?;
    let Cast { registry, utility, stranger, meter, meter_key, .. } = cast;
    let operation = Operation::SetMetadata { hash: Some([0x42; 32]) };
    let signed = cast.sign(meter.id, operation, meter_key).await?;
    let stolen = registry.submit(stranger, signed.clone());
    teller.refused("who is not named in it can't submit it", Error::WrongSubmitter, stolen).await?;
    let mut altered = signed.clone();
    altered.envelope.operation = Operation::SetMetadata { hash: None };
    teller
        .refused(
            "with another argument it is worth nothing",
            Error::InvalidSignature,
            registry.submit(utility, altered),
        )
        .await?;
    let mut elsewhere = signed.clone();
    elsewhere.envelope.device = cast.robot.id;
    elsewhere.envelope.nonce = registry.device(cast.robot.id).await?.map_or(0, |record| record.next_nonce(0));
    teller
        .refused("for another device it is worth nothing", Error::InvalidSignature, registry.submit(utility, elsewhere))
        .await?;
    teller
        .accepted("as it was signed it is carried out", utility.account(), registry.submit(utility, signed.clone()))
        .await?;
    teller.refused("submitted again it is refused", Error::InvalidNonce, registry.submit(utility, signed)).await
}

/// A delegate suspends and resumes.
///
/// # Errors
/// When a step does not go as it should.
pub async fn suspension(teller: &mut Teller, cast: &Cast) -> Outcome {
    teller
        .chapter("Something is wrong with the robot", "A delegate may do one thing, for a while. Nobody else may.")?;
    let Cast { registry, utility, operations, stranger, robot, .. } = cast;
    let expires_ms = cast.chain().time_ahead_ms(30 * DAY_MS, bounds::DELEGATION_MAX_MS).await?;
    let delegate = Operation::SetDelegate { account: operations.account(), role: Role::Operator, expires_ms };
    let call = registry.execute(utility, robot.id, delegate);
    teller
        .accepted("the utility lets operations suspend and resume the robot, for 30 days", utility.account(), call)
        .await?;
    let call = registry.execute(stranger, robot.id, Operation::Suspend);
    teller.refused("a stranger can't suspend it", Error::NotAuthorized, call).await?;
    let call = registry.execute(operations, robot.id, Operation::Suspend);
    teller.accepted("operations suspends the robot", operations.account(), call).await?;
    let service = Operation::SetService { service: service("api", "RobotApi", "https://attacker.example/") };
    let signed = cast.sign(robot.id, service, &robot.key).await?;
    teller.refused("its own key can change nothing now", Error::Suspended, registry.submit(utility, signed)).await?;
    let call = registry.execute(operations, robot.id, Operation::Revoke);
    teller.refused("operations can't do more than it was let", Error::NotAuthorized, call).await?;
    let call = registry.execute(stranger, robot.id, Operation::Resume);
    teller.refused("a stranger can't resume it", Error::NotAuthorized, call).await?;
    let call = registry.execute(operations, robot.id, Operation::Resume);
    teller.accepted("operations resumes it", operations.account(), call).await?;
    let status = registry.status(robot.id).await?;
    teller.check(
        "it is active, in a new epoch",
        status.is_some_and(|status| status.status == Status::Active && status.epoch == 1),
    )
}

/// The robot is sold.
///
/// # Errors
/// When a step does not go as it should.
pub async fn transfer(teller: &mut Teller, cast: &Cast) -> Outcome {
    teller.chapter("The robot is sold", "Control passes in two steps: who is to have it must want it.")?;
    let Cast { registry, utility, operations, buyer, stranger, robot, .. } = cast;
    let expires_ms = cast.chain().time_ahead_ms(7 * DAY_MS, bounds::OFFER_MAX_MS).await?;
    let offer = Operation::OfferTransfer { to: Controller::Account(buyer.account()), expires_ms };
    let call = registry.execute(utility, robot.id, offer);
    teller.accepted("the utility offers it to the buyer, for 7 days", utility.account(), call).await?;
    let call = registry.execute(stranger, robot.id, Operation::AcceptTransfer);
    teller.refused("a stranger can't accept", Error::NotAuthorized, call).await?;
    let call = registry.execute(buyer, robot.id, Operation::AcceptTransfer);
    teller.accepted("the buyer accepts", buyer.account(), call).await?;
    let call = registry.execute(utility, robot.id, Operation::Suspend);
    teller.refused("the utility has no say in it any more", Error::NotAuthorized, call).await?;
    let call = registry.execute(operations, robot.id, Operation::Suspend);
    teller.refused("nor has the utility's delegate", Error::NotAuthorized, call).await?;
    let record = registry.device(robot.id).await?;
    let holds = record.is_some_and(|record| {
        record.controller == Controller::Account(buyer.account()) && record.delegates.is_empty() && record.epoch == 2
    });
    teller.check("the buyer controls it, it has no delegates, a new epoch began", holds)
}
