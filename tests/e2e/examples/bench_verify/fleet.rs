//! A chain's history with a million devices, as a view is told it.

use marque_sdk::{
    BlockRef,
    primitives::{
        AccountId, Change, Controller, DeviceId, Key, LogEntry, PublicKey, RegistryId, Relationships, TimestampMs,
        blake2b_256,
    },
    verifier::{Changes, Origin},
};

/// Devices that are registered in a block.
pub const PER_BLOCK: u32 = 1000;
pub const START_MS: TimestampMs = 1_800_000_000_000;

/// Where the view begins: before all of them.
pub fn origin() -> Origin {
    Origin { registry: RegistryId([7; 10]), block: block(0), time_ms: START_MS, issuers: 0, is_complete: true }
}

/// The block of this number, from 1, with [`PER_BLOCK`] registrations.
pub fn registrations(number: u32) -> Changes {
    let first = (number - 1) * PER_BLOCK;
    let devices = (first..first + PER_BLOCK).map(|device| registration(device_id(device))).collect();
    Changes { block: block(number), time_ms: START_MS, devices, issuers: Vec::new() }
}

fn registration(device: DeviceId) -> (DeviceId, LogEntry) {
    let key = Key {
        id: 0,
        public_key: PublicKey::Ed25519(device.0),
        relationships: Relationships::INITIAL,
        added_ms: START_MS,
        revoked_ms: None,
    };
    let change = Change::Registered {
        controller: Controller::Device,
        metadata: None,
        keys: vec![key],
        services: Vec::new(),
        previous_registration_block: 0,
    };
    let actor = AccountId(device.0);
    let entry = LogEntry { version: 1, epoch: 0, at_ms: START_MS, actor, previous_block: 0, nonce: None, change };
    (device, entry)
}

fn device_id(device: u32) -> DeviceId {
    DeviceId(blake2b_256(&device.to_le_bytes()))
}

fn block(number: u32) -> BlockRef {
    BlockRef { number, hash: blake2b_256(&number.to_be_bytes()) }
}
