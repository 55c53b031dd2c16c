//! Batches of signed registrations.

use marque_contract_tests::{Actor, Failure, Registry, samples, signing};
use marque_primitives::{Change, Controller, Error, Operation, SignedOperation, bounds};

fn registration(registry: &Registry, number: usize) -> SignedOperation {
    let device = Actor::new(format!("device {number}"));
    registry.sign(&device, device.device(), samples::registration(Controller::Device))
}

fn batch(registry: &Registry, count: usize) -> Vec<SignedOperation> {
    (0..count).map(|number| registration(registry, number)).collect()
}

#[test]
fn the_largest_batch_registers_all() {
    let mut registry = Registry::default();
    let all = batch(&registry, bounds::BATCH_MAX);
    let written = registry.register_batch(&Actor::new("sponsor"), all);
    assert_eq!(written.receipt.result, Ok(vec![Ok(()); bounds::BATCH_MAX]));
    assert_eq!(written.changes.len(), bounds::BATCH_MAX);
    assert_eq!(registry.info().registered, bounds::BATCH_MAX as u64);
    // Within one block, each registration points to the block of the one before it: itself.
    let block = registry.chain.block();
    for (number, changed) in written.changes.iter().enumerate() {
        let Change::Registered { previous_registration_block, .. } = changed.entry.change else { panic!("registered") };
        assert_eq!(previous_registration_block, if number == 0 { 0 } else { block });
    }
}

#[test]
fn a_batch_has_its_size() {
    let mut registry = Registry::default();
    let sponsor = Actor::new("sponsor");
    assert_eq!(registry.register_batch(&sponsor, Vec::new()).error(), Error::BatchEmpty);
    let one = registration(&registry, 0);
    assert_eq!(registry.register_batch(&sponsor, vec![one.clone(); bounds::BATCH_MAX + 1]).error(), Error::TooLarge);
    let written = registry.register_batch(&sponsor, vec![one]);
    assert_eq!(written.receipt.result, Ok(vec![Ok(())]));
}

#[test]
fn each_stands_for_itself() {
    let mut registry = Registry::default();
    let sponsor = Actor::new("sponsor");
    let known = Actor::new("device 1");
    registry.execute(&known, known.device(), samples::registration(Controller::Device)).receipt.result.unwrap();

    let device = Actor::new("device 2");
    let expired = {
        let mut envelope = registry.envelope(&device, device.device(), samples::registration(Controller::Device));
        envelope.deadline_ms = 0;
        signing::sign(envelope, &registry.domain(), &device)
    };
    let forged = {
        let mut signed = registration(&registry, 3);
        signed.envelope.operation = samples::registration(Controller::Account(sponsor.account()));
        signed
    };
    let not_its_own =
        registry.sign(&sponsor, Actor::new("device 4").device(), samples::registration(Controller::Device));
    let too_many_keys = {
        let key = sponsor.new_key(marque_primitives::Relationships::AUTHENTICATION);
        let operation = Operation::Register {
            controller: Controller::Device,
            metadata: None,
            keys: vec![key; bounds::KEYS_MAX],
            services: Vec::new(),
        };
        let device = Actor::new("device 5");
        registry.sign(&device, device.device(), operation)
    };
    let entries = vec![
        (registration(&registry, 0), Ok(())),
        (registration(&registry, 1), Err(Error::AlreadyExists)),
        (expired, Err(Error::DeadlinePassed)),
        (forged, Err(Error::InvalidSignature)),
        (not_its_own, Err(Error::NotAuthorized)),
        (too_many_keys, Err(Error::MaxKeysExceeded)),
        (registry.sign(&known, known.device(), Operation::BumpEpoch), Err(Error::NotARegistration)),
        (registration(&registry, 6), Ok(())),
        (registration(&registry, 6), Err(Error::InvalidNonce)),
    ];
    let (batch, expected): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
    let written = registry.register_batch(&sponsor, batch);
    assert_eq!(written.receipt.result, Ok(expected));
    assert_eq!(written.changes.len(), 2);
}

#[test]
fn a_batch_of_refused_ones_changes_nothing() {
    let mut registry = Registry::default();
    let sponsor = Actor::new("sponsor");
    let device = Actor::new("device 0");
    let bump = registry.sign(&device, device.device(), Operation::BumpEpoch);
    let written = registry.register_batch(&sponsor, vec![bump; 3]);
    assert_eq!(written.receipt.result, Ok(vec![Err(Error::NotARegistration); 3]));
    assert_eq!((written.changes.len(), written.receipt.deposit), (0, 0));
}

/// A batch has a bound in bytes too, ink!'s buffer of 16 KiB, and over it the chain undoes the call: a client has to split what is larger.
#[test]
fn a_batch_over_the_buffer_is_undone_by_the_chain() {
    let mut registry = Registry::default();
    let sponsor = Actor::new("sponsor");
    let batch: Vec<SignedOperation> = (0..bounds::BATCH_MAX)
        .map(|number| {
            let device = Actor::new(format!("device {number}"));
            let operation = Operation::Register {
                controller: Controller::Account(sponsor.account()),
                metadata: None,
                keys: Vec::new(),
                services: vec![samples::largest_service(0)],
            };
            registry.sign(&device, device.device(), operation)
        })
        .collect();
    let over = registry.call::<Vec<Result<(), Error>>>("register_batch", &batch, sponsor.account());
    assert!(matches!(over, Err(Failure::Chain(_))));
    registry.check_state(&[batch[0].envelope.device]);
    let half = batch[..bounds::BATCH_MAX / 2].to_vec();
    let written = registry.register_batch(&sponsor, half);
    assert_eq!(written.receipt.result, Ok(vec![Ok(()); bounds::BATCH_MAX / 2]));
}
