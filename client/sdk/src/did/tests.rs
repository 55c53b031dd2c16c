use marque_primitives::{
    AccountId, Controller, Device, DeviceId, Key, PublicKey, RegistryId, Relationships, Service, Status,
};
use proptest::prelude::*;

use super::*;

/// The Ed25519 vector of the did:key method: <https://w3c-ccg.github.io/did-key-spec/#ed25519-x25519>.
const DID_KEY: &str = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";
const DID_KEY_HEX: &str = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";
const REGISTRY: RegistryId = RegistryId([0x66, 0x6f, 0x6f, 0x62, 0x61, 0x72, 0x66, 0x6f, 0x6f, 0x62]);
/// RFC 4648, section 10, has `foobar` as `MZXW6YTBOI`.
const REGISTRY_TEXT: &str = "mzxw6ytbojtg633c";

fn device_id() -> DeviceId {
    DeviceId(hex::decode(DID_KEY_HEX).unwrap().try_into().unwrap())
}

fn did() -> Did {
    Did::new(REGISTRY, device_id())
}

fn text() -> String {
    format!("did:marque:{REGISTRY_TEXT}:{DID_KEY}")
}

fn device(status: Status, controller: Controller) -> Device {
    let key =
        |id, public_key, relationships, revoked_ms| Key { id, public_key, relationships, added_ms: 0, revoked_ms };
    let agreement = key(1, PublicKey::X25519([9; 32]), Relationships::KEY_AGREEMENT, None);
    let revoked = key(2, PublicKey::Sr25519([8; 32]), Relationships::AUTHENTICATION, Some(5));
    Device {
        status,
        epoch: 4,
        version: 7,
        changed_block: 11,
        created_ms: 1_700_000_000_123,
        updated_ms: 1_700_000_060_999,
        controller,
        offer: None,
        metadata: Some([0xab; 32]),
        lanes: vec![],
        next_key_id: 3,
        keys: vec![key(0, PublicKey::Ed25519(device_id().0), Relationships::INITIAL, None), agreement, revoked],
        services: vec![Service { id: "api".into(), service_type: "Api".into(), endpoint: "https://x.example".into() }],
        delegates: vec![],
    }
}

#[test]
fn a_did_has_one_text() {
    assert_eq!(did().to_string(), text());
    assert_eq!(text().parse(), Ok(did()));
    assert_eq!(text().len(), DID_BYTES_MAX);
    assert_eq!(serde_json::to_string(&did()).unwrap(), format!("\"{}\"", text()));
    assert_eq!(serde_json::from_str::<Did>(&format!("\"{}\"", text())).unwrap(), did());
}

#[test]
fn each_kind_of_malformed_did_is_named() {
    let p256 = encode_multikey(&PublicKey::P256([2; 33]));
    let x25519 = encode_multikey(&PublicKey::X25519([2; 32]));
    let short = format!("z{}", bs58::encode([&[0xed, 0x01][..], &[1; 31]].concat()).into_string());
    let cases = [
        ("", DidError::NotADid),
        ("did", DidError::NotADid),
        ("did:", DidError::NotADid),
        ("did:marque", DidError::NotADid),
        ("DID:marque:x:y", DidError::NotADid),
        ("did:MARQUE:x:y", DidError::NotADid),
        ("did:key:z6Mk", DidError::OtherMethod),
        ("did:marque2:x:y", DidError::OtherMethod),
        (&text().replace(REGISTRY_TEXT, "mzxw6ytbojtg633"), DidError::InvalidRegistryId),
        (&text().replace(REGISTRY_TEXT, "MZXW6YTBOJTG633C"), DidError::InvalidRegistryId),
        (&text().replace(REGISTRY_TEXT, "mzxw6ytbojtg6331"), DidError::InvalidRegistryId),
        (&text().replace(REGISTRY_TEXT, "mzxw6ytboi======"), DidError::InvalidRegistryId),
        (&text().replace(REGISTRY_TEXT, ""), DidError::InvalidRegistryId),
        (&format!("did:marque:{REGISTRY_TEXT}"), DidError::NoDeviceId),
        (&format!("did:marque:{REGISTRY_TEXT}:"), DidError::InvalidDeviceId),
        (&format!("did:marque:{REGISTRY_TEXT}:z"), DidError::InvalidDeviceId),
        (&text().replace(":z6Mk", ":6Mk"), DidError::InvalidDeviceId),
        (&text().replace(":z6Mk", ":Z6Mk"), DidError::InvalidDeviceId),
        (&text().replace("Wp", "Wl"), DidError::InvalidDeviceId),
        (&text().replace("ooWp", "oo0p"), DidError::InvalidDeviceId),
        (&format!("did:marque:{REGISTRY_TEXT}:{x25519}"), DidError::InvalidDeviceId),
        (&format!("did:marque:{REGISTRY_TEXT}:{short}"), DidError::InvalidDeviceId),
        (&format!("did:marque:{REGISTRY_TEXT}:{p256}"), DidError::TooLong),
        (&format!("{}x", text()), DidError::TooLong),
        (&format!("{} ", text()), DidError::TooLong),
        (&format!("{}:{DID_KEY}", text()), DidError::TooLong),
        (&format!("{}#key-0", text()), DidError::IsUrl),
        (&format!("{}?versionId=1", text()), DidError::IsUrl),
        (&format!("{}/path", text()), DidError::IsUrl),
        (&format!("did:marque:{}", "a".repeat(1_000_000)), DidError::TooLong),
    ];
    for (text, error) in cases {
        // The last character of a key may still decode, to bytes of another length or prefix: it is refused all the same.
        assert_eq!(text.parse::<Did>(), Err(error), "{text:.100}");
    }
}

#[test]
fn a_did_url_keeps_its_parts() {
    let text = format!("{}/a%20b?versionId=3&x=y#key-0", text());
    let url: DidUrl = text.parse().unwrap();
    assert_eq!((url.did, url.path.as_str()), (did(), "/a%20b"));
    assert_eq!((url.parameter("versionId"), url.parameter("x"), url.parameter("z")), (Some("3"), Some("y"), None));
    assert_eq!(url.fragment.as_deref(), Some("key-0"));
    assert_eq!(url.to_string(), text);
    assert_eq!(DidUrl::from(did()).to_string(), did().to_string());
}

#[test]
fn malformed_did_urls_are_refused() {
    for tail in ["#a#b", "?a b", "/%zz", "/%a", "#é", "?<", "/\n"] {
        assert_eq!(format!("{}{tail}", text()).parse::<DidUrl>(), Err(DidError::InvalidUrl), "{tail}");
    }
    assert_eq!(format!("{}#{}", text(), "a".repeat(100_000)).parse::<DidUrl>(), Err(DidError::InvalidUrl));
    assert_eq!("did:key:z6Mk#x".parse::<DidUrl>(), Err(DidError::OtherMethod));
}

#[test]
fn a_version_is_named_once_or_not_at_all() {
    let twice = [
        "?versionId=1&versionId=2",
        "?versionId=1&versionId=1",
        "?versionId&versionId=1",
        "?versionTime=2026-07-01T12:00:00Z&x=y&versionTime=2026-07-02T12:00:00Z",
    ];
    for query in twice {
        let error = format!("{}{query}", text()).parse::<DidUrl>().unwrap_err();
        assert_eq!(error, DidError::RepeatedParameter, "{query}");
        let problem = Resolution::invalid_did(&error).did_resolution_metadata.error.unwrap();
        assert_eq!(problem.problem_type, "https://www.w3.org/ns/did#INVALID_DID_URL");
    }
    for query in ["?versionId=1", "?versionId=1&versionid=2&versionId2=3", "?x=1&x=2", "?x=versionId&y=versionId"] {
        assert!(format!("{}{query}", text()).parse::<DidUrl>().is_ok(), "{query}");
    }
}

#[test]
fn each_type_of_key_has_its_prefix() {
    let prefixes = [
        (PublicKey::Ed25519([1; 32]), "z6Mk"),
        (PublicKey::X25519([1; 32]), "z6LS"),
        (PublicKey::P256([2; 33]), "zDn"),
    ];
    for (key, prefix) in prefixes {
        assert!(encode_multikey(&key).starts_with(prefix), "{key:?}");
        assert_eq!(decode_multikey(&encode_multikey(&key)), Some(key));
    }
    let sr25519 = PublicKey::Sr25519([1; 32]);
    assert_eq!(decode_multikey(&encode_multikey(&sr25519)), Some(sr25519));
}

#[test]
fn an_active_devices_document_is_this() {
    let document = serde_json::to_value(DidDocument::new(did(), &device(Status::Active, Controller::Device))).unwrap();
    let (did, key) = (text(), |n: u8| format!("{}#key-{n}", text()));
    let x25519 = encode_multikey(&PublicKey::X25519([9; 32]));
    let expected = serde_json::json!({
        "@context": ["https://www.w3.org/ns/did/v1.1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            { "id": key(0), "type": "Multikey", "controller": did, "publicKeyMultibase": DID_KEY },
            { "id": key(1), "type": "Multikey", "controller": did, "publicKeyMultibase": x25519 },
        ],
        "authentication": [key(0)],
        "assertionMethod": [key(0)],
        "keyAgreement": [key(1)],
        "capabilityInvocation": [key(0)],
        "capabilityDelegation": [key(0)],
        "service": [{ "id": format!("{did}#api"), "type": "Api", "serviceEndpoint": "https://x.example" }],
    });
    assert_eq!(document, expected);
}

#[test]
fn a_suspended_devices_keys_prove_nothing_but_may_still_resume_it() {
    let account = Controller::Account(AccountId([3; 32]));
    let controlled = DidDocument::new(did(), &device(Status::Suspended, account)).unwrap();
    assert_eq!(controlled.verification_method.len(), 2);
    assert!(controlled.authentication.is_empty() && controlled.key_agreement.is_empty());
    assert!(controlled.capability_invocation.is_empty());
    let own = DidDocument::new(did(), &device(Status::Suspended, Controller::Device)).unwrap();
    assert!(own.authentication.is_empty() && own.assertion_method.is_empty());
    assert_eq!((own.capability_invocation.len(), own.capability_delegation.len()), (1, 1));
}

#[test]
fn a_revoked_device_is_deactivated() {
    let resolution = Resolution::new(did(), &device(Status::Revoked, Controller::Device), None);
    let json = serde_json::to_value(&resolution).unwrap();
    assert_eq!(json["didDocument"], serde_json::Value::Null);
    assert_eq!(json["didDocumentMetadata"]["deactivated"], true);
}

#[test]
fn the_metadata_of_a_version_is_this() {
    let account = Controller::Account(AccountId([0; 32]));
    let resolution = Resolution::new(did(), &device(Status::Active, account), Some((8, 1_700_000_120_000)));
    let json = serde_json::to_value(&resolution).unwrap();
    let expected = serde_json::json!({
        "created": "2023-11-14T22:13:20Z",
        "updated": "2023-11-14T22:14:20Z",
        "versionId": "7",
        "nextUpdate": "2023-11-14T22:15:20Z",
        "nextVersionId": "8",
        "status": "active",
        "epoch": 4,
        "controllerAccount": "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM",
        "metadataHash": format!("0x{}", "ab".repeat(32)),
        "block": 11,
    });
    assert_eq!(json["didDocumentMetadata"], expected);
    assert_eq!(json["didResolutionMetadata"], serde_json::json!({ "contentType": "application/did" }));
    assert_eq!(serde_json::from_value::<Resolution>(json).unwrap(), resolution);
}

#[test]
fn problems_have_the_standards_types() {
    let of = |text: &str| {
        let result = Resolution::invalid_did(&text.parse::<Did>().unwrap_err());
        result.did_resolution_metadata.error.unwrap().problem_type
    };
    assert_eq!(of("nonsense"), "https://www.w3.org/ns/did#INVALID_DID");
    assert_eq!(of("did:key:z6Mk"), "https://www.w3.org/ns/did#METHOD_NOT_SUPPORTED");
    assert_eq!(of(&format!("{}#x", text())), "https://www.w3.org/ns/did#INVALID_DID_URL");
}

proptest! {
    #[test]
    fn dids_survive_the_round_trip(registry: [u8; 10], device: [u8; 32]) {
        let did = Did::new(RegistryId(registry), DeviceId(device));
        prop_assert_eq!(did.to_string().parse(), Ok(did));
        prop_assert_eq!(did.to_string().len(), DID_BYTES_MAX);
    }

    #[test]
    fn what_is_read_is_written_back_as_it_was(text in "did:marque:[a-z2-7]{15,17}:z[1-9A-HJ-NP-Za-km-z]{46,48}") {
        if let Ok(did) = text.parse::<Did>() {
            prop_assert_eq!(did.to_string(), text);
        }
    }

    #[test]
    fn a_changed_did_is_another_or_none(at in 0..DID_BYTES_MAX, byte in 0x20u8..0x7f) {
        let mut bytes = text().into_bytes();
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        prop_assert_ne!(String::from_utf8(bytes).unwrap().parse(), Ok(did()));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,100}") {
        let _ = text.parse::<Did>();
        let _ = text.parse::<DidUrl>();
        let _ = decode_multikey(&text);
    }
}
