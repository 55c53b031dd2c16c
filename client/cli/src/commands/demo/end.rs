//! How devices end, what remains, and how many there can be.

use std::time::Instant;

use marque_sdk::{
    Account, Signer, did,
    did::VersionSelector,
    primitives::{AccountId, Controller, DeviceId, Error, Operation, Status, bounds},
};

use super::{
    birth::register,
    cast::{Actor, Cast},
    teller::Teller,
};
use crate::{failure::Outcome, progress::per_second, render};

/// A device is revoked, for ever.
///
/// # Errors
/// When a step does not go as it should.
pub async fn revocation(teller: &mut Teller, cast: &Cast) -> Outcome {
    teller.chapter(
        "The charger is scrapped",
        "Revoked is for ever: a tombstone stays, so that nobody can be it again.",
    )?;
    let Cast { registry, charger, .. } = cast;
    let call = registry.execute(&charger.key, charger.id, Operation::Revoke);
    teller.accepted("the charger, its own master, revokes itself", charger.key.account(), call).await?;
    let attempts = [
        ("it can't be resumed", Operation::Resume, Error::Revoked),
        ("it can't start over", register(Controller::Device, Vec::new()), Error::AlreadyExists),
        ("it can't be given away", Operation::AcceptTransfer, Error::Revoked),
        ("it can't be revoked twice", Operation::Revoke, Error::Revoked),
    ];
    for (what, operation, expected) in attempts {
        teller.refused(what, expected, registry.execute(&charger.key, charger.id, operation)).await?;
    }
    let resolution = registry.resolve(&registry.did(charger.id)).await?;
    let holds = resolution.is_deactivated() && resolution.did_document.is_none();
    teller.check("its DID resolves as deactivated, without a document", holds)
}

/// Histories are read from the chain and replayed.
///
/// # Errors
/// When a step does not go as it should.
pub async fn history(teller: &mut Teller, cast: &Cast) -> Outcome {
    teller.chapter(
        "Nothing is forgotten",
        "Each change names the block of the one before. Replayed, they give the record of the chain.",
    )?;
    let Cast { registry, meter, robot, .. } = cast;
    let history = registry.history(robot.id).await?;
    let label = |account: &AccountId| cast.name_of(account);
    for entry in &history {
        let change = &entry.event.entry;
        let what = render::change(&change.change, &label);
        teller.show(&format!(
            "{}  block {:>3}  {what}, by {}",
            did::format_time(change.at_ms),
            entry.event.block.number,
            label(&change.actor)
        ))?;
    }
    let last = history.last().map(|entry| &entry.record);
    teller.check("the robot's history has its 6 changes", history.len() == 6)?;
    teller
        .check("replayed, they give exactly what the chain has", last == registry.device(robot.id).await?.as_ref())?;
    let did = registry.did(meter.id);
    let first = registry.resolve_version(&did, VersionSelector::Id(1)).await?;
    let key = did::encode_multikey(&meter.key.public_key());
    let had_first_key = first
        .did_document
        .is_some_and(|document| document.verification_method.iter().any(|method| method.public_key_multibase == key));
    teller.check("the meter's DID as of version 1 resolves to its first key", had_first_key)
}

/// Many devices at once.
///
/// # Errors
/// When a step does not go as it should.
pub async fn fleet(teller: &mut Teller, cast: &Cast, count: u32) -> Outcome {
    teller.chapter("A fleet", "Each device signs; one transaction registers up to 32 of them.")?;
    let Cast { registry, utility, .. } = cast;
    let devices: Vec<_> = (0..count).map(|_| Actor::new()).collect();
    let deadline_ms = cast.chain().time_ahead_ms(60 * 60 * 1000, bounds::DEADLINE_AHEAD_MAX_MS).await?;
    let controller = Controller::Account(utility.account());
    let started = Instant::now();
    let mut batches = Vec::new();
    for devices in devices.chunks(bounds::BATCH_MAX) {
        let mut batch = Vec::with_capacity(devices.len());
        for device in devices {
            let prepared = registry.prepare(device.id, register(controller, Vec::new()));
            let prepared = prepared.only_by(utility.account()).deadline_ms(deadline_ms);
            batch.push(prepared.sign(&device.key).await?);
        }
        batches.push(registry.register_batch(utility, batch));
    }
    let receipts = futures::future::try_join_all(batches).await?;
    let elapsed = started.elapsed();
    let accepted = receipts.iter().flat_map(|batch| &batch.outcomes).filter(|outcome| outcome.is_ok()).count();
    let fees: u128 = receipts.iter().filter_map(|batch| batch.receipt.as_ref()?.fee).sum();
    let rate = per_second(u64::from(count), elapsed);
    let what = format!(
        "{count} devices are registered in {} transactions: {rate:.0} devices/s, fees {}",
        receipts.len(),
        render::amount(fees)
    );
    teller.check(&what, accepted == devices.len())?;
    let ids: Vec<DeviceId> = devices.iter().map(|device| device.id).collect();
    let statuses = registry.statuses(&ids).await?;
    let active = statuses.iter().flatten().filter(|status| status.status == Status::Active).count();
    teller.check("all of them are active", active == devices.len())
}

impl Cast {
    /// What somebody is called in this story.
    fn name_of(&self, account: &AccountId) -> String {
        let people: [(&str, &Account); 8] = [
            ("the utility", &self.utility),
            ("operations", &self.operations),
            ("the buyer", &self.buyer),
            ("the stranger", &self.stranger),
            ("the meter", &self.meter.key),
            ("the meter", &self.meter_key),
            ("the charger", &self.charger.key),
            ("the robot", &self.robot.key),
        ];
        let known = people.into_iter().find(|(_, key)| key.account() == *account);
        known.map_or_else(|| marque_sdk::account::format(account), |(name, _)| name.to_owned())
    }
}
