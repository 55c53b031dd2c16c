//! The bytes that are signed, stored and emitted, pinned. They were worked out apart from this crate; when one of these
//! tests fails, signatures that devices have made and records that chains hold have lost their meaning.

use std::fmt::Debug;

use marque_primitives::{
    AccountId, Change, Controller, Delegate, Device, DeviceId, Domain, Envelope, Error, Key, LogEntry, NewKey,
    NonceUse, Offer, Operation, PublicKey, RegistryId, Relationships, Role, Service, Signature, SignedOperation,
    Status, blake2b_256,
};
use parity_scale_codec::{Decode, DecodeAll, Encode};

const fn account(fill: u8) -> AccountId {
    AccountId([fill; 32])
}

const fn new_key(public_key: PublicKey, relationships: u8) -> NewKey {
    NewKey { public_key, relationships: Relationships(relationships) }
}

const fn key(id: u32, public_key: PublicKey, relationships: u8, revoked_ms: Option<u64>) -> Key {
    Key { id, public_key, relationships: Relationships(relationships), added_ms: 10, revoked_ms }
}

fn service() -> Service {
    Service { id: "meter".into(), service_type: "Telemetry".into(), endpoint: "https://m.example".into() }
}

const fn rotate() -> Operation {
    Operation::RotateKey { id: 0x0102, public_key: PublicKey::Ed25519([7; 32]) }
}

const fn envelope() -> Envelope {
    Envelope {
        device: DeviceId([1; 32]),
        operation: rotate(),
        signer: account(8),
        submitter: Some(account(9)),
        lane: 3,
        nonce: 0x1112_1314_1516_1718,
        deadline_ms: 0x2122_2324_2526_2728,
    }
}

const DOMAIN: Domain = Domain { genesis_hash: [0xaa; 32], contract: account(0xbb) };

#[track_caller]
fn check<T: Encode + Decode + PartialEq + Debug>(value: &T, expected: &str) {
    assert_eq!(hex::encode(value.encode()), expected, "{value:?}");
    assert_eq!(&T::decode_all(&mut &hex::decode(expected).unwrap()[..]).unwrap(), value);
}

#[test]
fn operations() {
    for (operation, expected) in [
        (
            Operation::Register {
                controller: Controller::Account(account(2)),
                metadata: Some([3; 32]),
                keys: vec![
                    new_key(PublicKey::Sr25519([4; 32]), 1),
                    new_key(PublicKey::X25519([5; 32]), 4),
                    new_key(PublicKey::P256([2; 33]), 2),
                ],
                services: vec![service()],
            },
            "000102020202020202020202020202020202020202020202020202020202020202020103030303030303030303030303030303030303030303030303030303030303030c0104040404040404040404040404040404040404040404040404040404040404040102050505050505050505050505050505050505050505050505050505050505050504030202020202020202020202020202020202020202020202020202020202020202020204146d657465722454656c656d657472794468747470733a2f2f6d2e6578616d706c65",
        ),
        (
            Operation::AddKey { key: new_key(PublicKey::Ed25519([6; 32]), 3) },
            "0100060606060606060606060606060606060606060606060606060606060606060603",
        ),
        (rotate(), "0202010000000707070707070707070707070707070707070707070707070707070707070707"),
        (Operation::RevokeKey { id: 0x0102 }, "0302010000"),
        (
            Operation::SetService { service: service() },
            "04146d657465722454656c656d657472794468747470733a2f2f6d2e6578616d706c65",
        ),
        (Operation::RemoveService { id: "meter".into() }, "05146d65746572"),
        (Operation::SetMetadata { hash: None }, "0600"),
        (
            Operation::SetDelegate { account: account(8), role: Role::Rotator, expires_ms: 0x0102_0304_0506_0708 },
            "070808080808080808080808080808080808080808080808080808080808080808010807060504030201",
        ),
        (
            Operation::RemoveDelegate { account: account(8), role: Role::Operator },
            "08080808080808080808080808080808080808080808080808080808080808080800",
        ),
        (Operation::Suspend, "09"),
        (Operation::Resume, "0a"),
        (Operation::BumpEpoch, "0b"),
        (Operation::OfferTransfer { to: Controller::Device, expires_ms: 9 }, "0c000900000000000000"),
        (Operation::CancelTransfer, "0d"),
        (Operation::AcceptTransfer, "0e"),
        (Operation::Revoke, "0f"),
    ] {
        check(&operation, expected);
    }
}

#[test]
fn changes() {
    for (change, expected) in [
        (
            Change::Registered {
                controller: Controller::Device,
                metadata: None,
                keys: vec![key(0, PublicKey::Ed25519([1; 32]), 27, None)],
                services: vec![service()],
                previous_registration_block: 11,
            },
            "00000004000000000001010101010101010101010101010101010101010101010101010101010101011b0a000000000000000004146d657465722454656c656d657472794468747470733a2f2f6d2e6578616d706c650b000000",
        ),
        (
            Change::KeyAdded { key: key(1, PublicKey::Sr25519([4; 32]), 1, Some(12)) },
            "0101000000010404040404040404040404040404040404040404040404040404040404040404010a00000000000000010c00000000000000",
        ),
        (
            Change::KeyRotated { revoked: 0, key: key(2, PublicKey::Ed25519([6; 32]), 27, None) },
            "0200000000020000000006060606060606060606060606060606060606060606060606060606060606061b0a0000000000000000",
        ),
        (Change::KeyRevoked { id: 0x0102 }, "0302010000"),
        (
            Change::ServiceSet { service: service() },
            "04146d657465722454656c656d657472794468747470733a2f2f6d2e6578616d706c65",
        ),
        (Change::ServiceRemoved { id: "meter".into() }, "05146d65746572"),
        (
            Change::MetadataSet { previous: None, hash: Some([3; 32]) },
            "0600010303030303030303030303030303030303030303030303030303030303030303",
        ),
        (
            Change::DelegateSet { delegate: Delegate { account: account(8), role: Role::Operator, expires_ms: 13 } },
            "070808080808080808080808080808080808080808080808080808080808080808000d00000000000000",
        ),
        (
            Change::DelegateRemoved { account: account(8), role: Role::Rotator },
            "08080808080808080808080808080808080808080808080808080808080808080801",
        ),
        (Change::Suspended, "09"),
        (Change::Resumed, "0a"),
        (Change::EpochBumped, "0b"),
        (
            Change::TransferOffered { offer: Offer { to: Controller::Account(account(2)), expires_ms: 14 } },
            "0c0102020202020202020202020202020202020202020202020202020202020202020e00000000000000",
        ),
        (Change::TransferCancelled, "0d"),
        (
            Change::Transferred { previous: Controller::Account(account(2)), controller: Controller::Device },
            "0e01020202020202020202020202020202020202020202020202020202020202020200",
        ),
        (Change::Revoked, "0f"),
    ] {
        check(&change, expected);
    }
}

#[test]
fn a_log_entry() {
    let entry = LogEntry {
        version: 2,
        epoch: 3,
        at_ms: 0x0102_0304_0506_0708,
        actor: account(9),
        previous_block: 4,
        nonce: Some(NonceUse { lane: 7, nonce: 5 }),
        change: Change::TransferCancelled,
    };
    check(
        &entry,
        "02000000030000000807060504030201090909090909090909090909090909090909090909090909090909090909090904000000010705000000000000000d",
    );
}

#[test]
fn an_envelope_and_a_signed_operation() {
    check(
        &envelope(),
        "0101010101010101010101010101010101010101010101010101010101010101020201000000070707070707070707070707070707070707070707070707070707070707070708080808080808080808080808080808080808080808080808080808080808080109090909090909090909090909090909090909090909090909090909090909090318171615141312112827262524232221",
    );
    let signed = SignedOperation { envelope: envelope(), signature: Signature::Sr25519([0xcc; 64]) };
    check(
        &signed,
        "010101010101010101010101010101010101010101010101010101010101010102020100000007070707070707070707070707070707070707070707070707070707070707070808080808080808080808080808080808080808080808080808080808080808010909090909090909090909090909090909090909090909090909090909090909031817161514131211282726252423222101cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
    );
}

#[test]
fn what_is_signed() {
    let signed = envelope().signed_bytes(&DOMAIN, blake2b_256);
    assert_eq!(
        hex::encode(signed),
        "6d61727175653a6f703a763193da60f18c325d6c9cf2e2dbe34a7c5d13328222e743b3849e960de2d48424e4"
    );
}

#[test]
fn every_part_of_an_envelope_is_signed() {
    let signed = |envelope: &Envelope, domain: &Domain| envelope.signed_bytes(domain, blake2b_256);
    let all = [
        signed(&envelope(), &DOMAIN),
        signed(&envelope(), &Domain { genesis_hash: [0xab; 32], ..DOMAIN }),
        signed(&envelope(), &Domain { contract: account(0xbc), ..DOMAIN }),
        signed(&Envelope { device: DeviceId([2; 32]), ..envelope() }, &DOMAIN),
        signed(&Envelope { operation: Operation::RevokeKey { id: 0x0102 }, ..envelope() }, &DOMAIN),
        signed(&Envelope { signer: account(9), ..envelope() }, &DOMAIN),
        signed(&Envelope { submitter: None, ..envelope() }, &DOMAIN),
        signed(&Envelope { lane: 4, ..envelope() }, &DOMAIN),
        signed(&Envelope { nonce: 0, ..envelope() }, &DOMAIN),
        signed(&Envelope { deadline_ms: 0, ..envelope() }, &DOMAIN),
    ];
    for (index, bytes) in all.iter().enumerate() {
        assert!(!all[..index].contains(bytes), "variant {index} signs the bytes of an earlier one");
    }
}

#[test]
fn a_registry_id() {
    let id = RegistryId::derive(&DOMAIN.genesis_hash, &DOMAIN.contract);
    assert_eq!(hex::encode(id.0), "53c9cf7e2fb8aada8e79");
}

#[test]
fn a_record() {
    let device = Device {
        status: Status::Suspended,
        epoch: 1,
        version: 2,
        changed_block: 3,
        created_ms: 4,
        updated_ms: 5,
        controller: Controller::Device,
        offer: Some(Offer { to: Controller::Device, expires_ms: 6 }),
        metadata: None,
        lanes: vec![7],
        next_key_id: 8,
        keys: vec![],
        services: vec![],
        delegates: vec![],
    };
    check(
        &device,
        concat!(
            "01",
            "01000000",
            "02000000",
            "03000000",
            "0400000000000000",
            "0500000000000000",
            "00",
            "01000600000000000000",
            "00",
            "040700000000000000",
            "08000000",
            "00",
            "00",
            "00",
        ),
    );
}

#[test]
fn blake2b_256_of_nothing() {
    let expected = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
    assert_eq!(hex::encode(blake2b_256(&[])), expected);
}

#[test]
fn errors_keep_their_numbers() {
    let errors = [
        Error::NotFound,
        Error::AlreadyExists,
        Error::Revoked,
        Error::Suspended,
        Error::NotAuthorized,
        Error::WrongSubmitter,
        Error::DeadlinePassed,
        Error::DeadlineTooFar,
        Error::InvalidLane,
        Error::InvalidNonce,
        Error::InvalidSignature,
        Error::InvalidKey,
        Error::InvalidRelationships,
        Error::KeyNotFound,
        Error::KeyAlreadyExists,
        Error::KeyRevoked,
        Error::LastKey,
        Error::MaxKeysExceeded,
        Error::InvalidService,
        Error::ServiceNotFound,
        Error::ServiceAlreadyExists,
        Error::MaxServicesExceeded,
        Error::DelegateNotFound,
        Error::MaxDelegatesExceeded,
        Error::InvalidExpiry,
        Error::AlreadySuspended,
        Error::NotSuspended,
        Error::NoOffer,
        Error::OfferExpired,
        Error::SameController,
        Error::BatchEmpty,
        Error::TooLarge,
        Error::NotARegistration,
        Error::Overflow,
    ];
    for (number, error) in (0u8..).zip(errors) {
        check(&error, &hex::encode([number]));
    }
    assert!(Error::decode(&mut &[errors.len() as u8][..]).is_err(), "a new error is to be added to the list above");
}
