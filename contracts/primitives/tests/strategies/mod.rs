//! Random values of every type that a chain or a client decodes, far beyond what a chain would accept.
#![allow(dead_code, reason = "each test binary uses some of them")]

use marque_primitives::{
    AccountId, Change, Controller, Delegate, Device, DeviceId, Envelope, Key, LogEntry, NewKey, NonceUse, Offer,
    Operation, PublicKey, Relationships, Role, Service, Signature, SignedOperation, Status,
};
use proptest::{array, collection::vec, option, prelude::*};

/// Accounts from a small set, so that they meet.
pub fn account() -> impl Strategy<Value = AccountId> {
    (0u8..6).prop_map(|fill| AccountId([fill; 32]))
}

fn controller() -> impl Strategy<Value = Controller> {
    prop_oneof![Just(Controller::Device), account().prop_map(Controller::Account)]
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Operator), Just(Role::Rotator)]
}

fn public_key() -> impl Strategy<Value = PublicKey> {
    prop_oneof![
        array::uniform32(any::<u8>()).prop_map(PublicKey::Ed25519),
        account().prop_map(|account| PublicKey::Ed25519(account.0)),
        array::uniform32(any::<u8>()).prop_map(PublicKey::Sr25519),
        array::uniform32(any::<u8>()).prop_map(PublicKey::X25519),
        any::<u8>().prop_map(|fill| PublicKey::P256([fill; 33])),
    ]
}

fn relationships() -> impl Strategy<Value = Relationships> {
    any::<u8>().prop_map(Relationships)
}

/// Key ids, small ones and the last among them.
fn key_id() -> impl Strategy<Value = u32> {
    prop_oneof![0u32..8, Just(u32::MAX), any::<u32>()]
}

/// Times, small ones and the last among them.
fn time() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..8, Just(u64::MAX), any::<u64>()]
}

fn new_key() -> impl Strategy<Value = NewKey> {
    (public_key(), relationships()).prop_map(|(public_key, relationships)| NewKey { public_key, relationships })
}

fn key() -> impl Strategy<Value = Key> {
    (key_id(), new_key(), time(), option::of(time())).prop_map(|(id, new, added_ms, revoked_ms)| Key {
        id,
        public_key: new.public_key,
        relationships: new.relationships,
        added_ms,
        revoked_ms,
    })
}

fn service() -> impl Strategy<Value = Service> {
    ("[a-c]{0,2}", ".{0,4}", ".{0,8}").prop_map(|(id, service_type, endpoint)| Service { id, service_type, endpoint })
}

fn delegate() -> impl Strategy<Value = Delegate> {
    (account(), role(), time()).prop_map(|(account, role, expires_ms)| Delegate { account, role, expires_ms })
}

fn offer() -> impl Strategy<Value = Offer> {
    (controller(), time()).prop_map(|(to, expires_ms)| Offer { to, expires_ms })
}

fn hash() -> impl Strategy<Value = Option<[u8; 32]>> {
    option::of(array::uniform32(any::<u8>()))
}

/// Any operation.
pub fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        (controller(), hash(), vec(new_key(), 0..4), vec(service(), 0..4)).prop_map(
            |(controller, metadata, keys, services)| Operation::Register { controller, metadata, keys, services }
        ),
        new_key().prop_map(|key| Operation::AddKey { key }),
        (key_id(), public_key()).prop_map(|(id, public_key)| Operation::RotateKey { id, public_key }),
        key_id().prop_map(|id| Operation::RevokeKey { id }),
        service().prop_map(|service| Operation::SetService { service }),
        ".{0,4}".prop_map(|id| Operation::RemoveService { id }),
        hash().prop_map(|hash| Operation::SetMetadata { hash }),
        delegate().prop_map(|Delegate { account, role, expires_ms }| Operation::SetDelegate {
            account,
            role,
            expires_ms
        }),
        (account(), role()).prop_map(|(account, role)| Operation::RemoveDelegate { account, role }),
        offer().prop_map(|Offer { to, expires_ms }| Operation::OfferTransfer { to, expires_ms }),
        Just(Operation::Suspend),
        Just(Operation::Revoke),
    ]
}

/// Any signed operation.
pub fn signed_operation() -> impl Strategy<Value = SignedOperation> {
    (account(), operation(), account(), option::of(account()), any::<u8>(), time(), time(), any::<bool>()).prop_map(
        |(device, operation, signer, submitter, lane, nonce, deadline_ms, ed25519)| SignedOperation {
            envelope: Envelope { device: DeviceId(device.0), operation, signer, submitter, lane, nonce, deadline_ms },
            signature: if ed25519 { Signature::Ed25519([1; 64]) } else { Signature::Sr25519([2; 64]) },
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (controller(), hash(), vec(key(), 0..20), vec(service(), 0..12), any::<u32>()).prop_map(
            |(controller, metadata, keys, services, previous_registration_block)| Change::Registered {
                controller,
                metadata,
                keys,
                services,
                previous_registration_block
            }
        ),
        key().prop_map(|key| Change::KeyAdded { key }),
        (key_id(), key()).prop_map(|(revoked, key)| Change::KeyRotated { revoked, key }),
        key_id().prop_map(|id| Change::KeyRevoked { id }),
        service().prop_map(|service| Change::ServiceSet { service }),
        "[a-c]{0,2}".prop_map(|id| Change::ServiceRemoved { id }),
        (hash(), hash()).prop_map(|(previous, hash)| Change::MetadataSet { previous, hash }),
        delegate().prop_map(|delegate| Change::DelegateSet { delegate }),
        (account(), role()).prop_map(|(account, role)| Change::DelegateRemoved { account, role }),
        Just(Change::Suspended),
        Just(Change::Resumed),
        Just(Change::EpochBumped),
        offer().prop_map(|offer| Change::TransferOffered { offer }),
        Just(Change::TransferCancelled),
        (controller(), controller()).prop_map(|(previous, controller)| Change::Transferred { previous, controller }),
        Just(Change::Revoked),
    ]
}

/// Any log entry, whether or not a chain could emit it.
pub fn log_entry() -> impl Strategy<Value = LogEntry> {
    let nonce = option::of((any::<u8>(), time()).prop_map(|(lane, nonce)| NonceUse { lane, nonce }));
    (any::<u32>(), any::<u32>(), time(), account(), any::<u32>(), nonce, change()).prop_map(
        |(version, epoch, at_ms, actor, previous_block, nonce, change)| LogEntry {
            version,
            epoch,
            at_ms,
            actor,
            previous_block,
            nonce,
            change,
        },
    )
}

/// Any record, whether or not a chain could hold it.
pub fn device() -> impl Strategy<Value = Device> {
    let status = prop_oneof![Just(Status::Active), Just(Status::Suspended), Just(Status::Revoked)];
    let lists = (vec(time(), 0..20), vec(key(), 0..24), vec(service(), 0..12), vec(delegate(), 0..12));
    (status, any::<(u32, u32, u32)>(), (time(), time()), controller(), option::of(offer()), hash(), key_id(), lists)
        .prop_map(
            |(
                status,
                (epoch, version, changed_block),
                (created_ms, updated_ms),
                controller,
                offer,
                metadata,
                next_key_id,
                lists,
            )| {
                let (lanes, keys, services, delegates) = lists;
                Device {
                    status,
                    epoch,
                    version,
                    changed_block,
                    created_ms,
                    updated_ms,
                    controller,
                    offer,
                    metadata,
                    lanes,
                    next_key_id,
                    keys,
                    services,
                    delegates,
                }
            },
        )
}
