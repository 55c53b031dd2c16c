//! Many devices, many submitters, and the log of all of it.

use std::{collections::HashSet, time::Duration};

use futures::{StreamExt, TryStreamExt, future::join_all};
use marque_sdk::{
    BlockRef, Chain, Registry,
    primitives::{Change, Controller, DeviceId, Error, Operation, SignedOperation, bounds},
};

use super::world::{World, new_device, register};

const SUBMITTERS: usize = 16;

async fn signed_registration(world: &World) -> SignedOperation {
    let device = new_device();
    world.registry.prepare(device.id, register(Controller::Device)).sign(&device.key).await.unwrap()
}

pub async fn a_batch_registers_what_can_be_registered(world: &World) {
    let World { registry, alice, .. } = world;
    let (first, second) = (signed_registration(world).await, signed_registration(world).await);
    let mut forged = signed_registration(world).await;
    forged.envelope.deadline_ms += 1;
    let batch = vec![first.clone(), forged.clone(), second, first.clone()];
    let done = registry.register_batch(alice, batch).await.unwrap();
    let expected = [Ok(()), Err(Error::InvalidSignature), Ok(()), Err(Error::InvalidNonce)];
    // A registered device's first nonce is used, which is looked at before whether it exists.
    assert_eq!(done.outcomes, expected);
    assert_eq!(done.receipt.unwrap().events.len(), 2);

    let again = registry.register_batch(alice, vec![first, forged]).await.unwrap();
    assert_eq!((again.outcomes.iter().all(Result::is_err), again.receipt), (true, None), "nothing is paid for nothing");
    for (batch, with) in
        [(vec![], Error::BatchEmpty), (vec![again_of(world).await; bounds::BATCH_MAX + 1], Error::TooLarge)]
    {
        let refused = registry.register_batch(alice, batch).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(with), "{refused}");
    }
}

async fn again_of(world: &World) -> SignedOperation {
    signed_registration(world).await
}

pub async fn sixteen_submitters_share_an_account(world: &World) {
    let registered = world.registry.info().await.unwrap().registered;
    let signed = join_all((0..SUBMITTERS).map(|_| signed_registration(world))).await;
    let ids: Vec<DeviceId> = signed.iter().map(|signed| signed.envelope.device).collect();
    let receipts = join_all(signed.into_iter().map(|signed| world.registry.submit(&world.alice, signed))).await;
    let places: HashSet<(BlockRef, u32)> = receipts
        .into_iter()
        .map(|receipt| receipt.unwrap())
        .map(|receipt| (receipt.block, receipt.extrinsic_index))
        .collect();
    assert_eq!(places.len(), SUBMITTERS, "each was executed once, in its own extrinsic");
    assert_eq!(world.registry.info().await.unwrap().registered, registered + SUBMITTERS as u64);
    let statuses = world.registry.statuses(&ids).await.unwrap();
    assert!(statuses.iter().all(Option::is_some));
    let asked: Vec<DeviceId> = ids.iter().copied().cycle().take(3 * bounds::PAGE_MAX).collect();
    assert_eq!(world.registry.statuses(&asked).await.unwrap().len(), asked.len());
}

pub async fn the_log_has_every_change_once_and_in_order(world: &World) {
    let World { registry, alice, .. } = world;
    let listed: Vec<DeviceId> = registry.devices().try_collect().await.unwrap();
    let distinct: HashSet<DeviceId> = listed.iter().copied().collect();
    assert_eq!(distinct.len(), listed.len());
    assert_eq!(listed.len() as u64, registry.info().await.unwrap().registered);

    // A second connection, so that what is followed is not what was written.
    let follower = Registry::attach(&Chain::connect(&world.url).await.unwrap(), registry.contract()).await.unwrap();
    let mut events = std::pin::pin!(follower.events(1));
    let device = world.sponsor(Controller::Device).await;
    let signed = registry.prepare(device.id, Operation::Revoke).sign(&device.key).await.unwrap();
    registry.submit(alice, signed).await.unwrap();
    let mut seen = Vec::new();
    loop {
        let next = tokio::time::timeout(Duration::from_secs(60), events.next()).await;
        let event = next.expect("the follower gets to the last change").unwrap().unwrap();
        let is_last = event.device == device.id && event.entry.change == Change::Revoked;
        seen.push(event);
        if is_last {
            break;
        }
    }
    let places: Vec<_> = seen.iter().map(|event| (event.block.number, event.extrinsic_index)).collect();
    assert!(places.is_sorted(), "{places:?}");
    for device in distinct {
        let versions: Vec<u32> =
            seen.iter().filter(|event| event.device == device).map(|event| event.entry.version).collect();
        assert_eq!(versions, (1..=versions.len() as u32).collect::<Vec<_>>(), "{device:?}");
        assert!(!versions.is_empty(), "{device:?}");
    }
}

pub async fn of_two_that_submit_the_same_one_is_refused(world: &World) {
    let World { registry, alice, bob, .. } = world;
    let device = world.sponsor(Controller::Device).await;
    let signed = registry.prepare(device.id, Operation::BumpEpoch).sign(&device.key).await.unwrap();
    let (first, second) = futures::join!(registry.submit(alice, signed.clone()), registry.submit(bob, signed));
    // Who comes second is refused in the dry run or in the block, and in either case is told why.
    let refusals: Vec<_> = [first, second].into_iter().filter_map(Result::err).map(|error| error.refusal()).collect();
    assert_eq!(refusals, [Some(Error::InvalidNonce)]);
    assert_eq!(world.record(&device).await.epoch, 1);
}
