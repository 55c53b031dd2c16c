//! DIDs have one text, and nothing else is read.

use marque_primitives::{DeviceId, Did, RegistryId};
use proptest::{array, prelude::*};

/// The Ed25519 vector of the did:key method: <https://w3c-ccg.github.io/did-key-spec/#ed25519-x25519>.
const DID_KEY: &str = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";
const DID_KEY_HEX: &str = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";
/// RFC 4648, section 10, has `foobar` as `MZXW6YTBOI`.
const REGISTRY: (RegistryId, &str) = (RegistryId(*b"foobarfoob"), "mzxw6ytbojtg633c");

fn device() -> DeviceId {
    DeviceId(hex::decode(DID_KEY_HEX).unwrap().try_into().unwrap())
}

fn text() -> String {
    format!("did:marque:{}:{DID_KEY}", REGISTRY.1)
}

#[test]
fn the_text_of_known_ids() {
    assert_eq!(REGISTRY.0.to_text(), REGISTRY.1);
    assert_eq!(RegistryId::from_text(REGISTRY.1), Some(REGISTRY.0));
    assert_eq!(device().to_text(), DID_KEY);
    assert_eq!(DeviceId::from_text(DID_KEY), Some(device()));
    let did = Did { registry: REGISTRY.0, device: device() };
    assert_eq!(did.to_text(), text());
    assert_eq!(Did::from_text(&text()), Some(did));
    assert_eq!(text().len(), Did::TEXT_BYTES);
    // The ends of the range, worked out with Python's base58 and base64.
    assert_eq!(DeviceId([0; 32]).to_text(), "z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP");
    assert_eq!(DeviceId([0xff; 32]).to_text(), "z6MkwgaR63138bEEgad7uk993KMX54vBA6KTB4sFhCPnSB2e");
    assert_eq!(RegistryId([0; 10]).to_text(), "aaaaaaaaaaaaaaaa");
    assert_eq!(RegistryId([0xff; 10]).to_text(), "7777777777777777");
}

#[test]
fn other_spellings_are_refused() {
    let x25519 = "z6LScHSpp1zxR9PnMCdLTLTDwUAM3aRvmBMXueib1t3vSNg8";
    // One more and one less than the texts of all keys: 0xed00 and 0xff…, then 0xed02 and zeros.
    let neighbours =
        ["z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnN", "z6MkwgaR63138bEEgad7uk993KMX54vBA6KTB4sFhCPnSB2f"];
    let largest = format!("z{}", "z".repeat(47));
    let smallest = format!("z{}", "1".repeat(47));
    let with_device = |device: &str| text().replace(DID_KEY, device);
    let with_registry = |registry: &str| text().replace(REGISTRY.1, registry);
    let mut cases = vec![
        String::new(),
        text().to_uppercase(),
        text().replace("did:", "DID:"),
        text().replace("marque", "key"),
        text().replace("c:z", "cz"),
        text().replace("c:z", "c::z"),
        text().replace("c:z", "c;z"),
        format!("{} ", text()),
        format!(" {}", text()),
        format!("{}\0", text()),
        format!("{}#key-0", text()),
        format!("{}1", text()),
        text()[..text().len() - 1].into(),
        with_registry("MZXW6YTBOJTG633C"),
        with_registry("mzxw6ytbojtg6331"),
        with_registry("mzxw6ytbojtg633"),
        with_registry("mzxw6ytbojtg633ca"),
        with_registry("mzxw6ytbojtg63=="),
        with_registry("mzxw6ytbojtg63é"),
        with_registry(""),
        with_device(&DID_KEY[1..]),
        with_device(&DID_KEY.replacen('z', "f", 1)),
        with_device(&DID_KEY.replacen('k', "0", 1)),
        with_device(&DID_KEY.replacen('k', "O", 1)),
        with_device(&DID_KEY.replacen('k', "I", 1)),
        with_device(&DID_KEY.replacen('k', "l", 1)),
        with_device(&DID_KEY.replacen("ki", "é", 1)),
        with_device(&format!("z1{}", &DID_KEY[1..])),
        with_device(x25519),
        with_device(&largest),
        with_device(&smallest),
    ];
    cases.extend(neighbours.map(with_device));
    for case in cases {
        assert_eq!(Did::from_text(&case), None, "{case}");
    }
}

proptest! {
    #[test]
    fn every_did_comes_back(registry: [u8; 10], device in array::uniform32(any::<u8>())) {
        let did = Did { registry: RegistryId(registry), device: DeviceId(device) };
        prop_assert_eq!(did.to_text().len(), Did::TEXT_BYTES);
        prop_assert_eq!(Did::from_text(&did.to_text()), Some(did));
    }

    #[test]
    fn what_is_read_is_written_as_it_was(tail in "[a-z2-7]{16}:z6Mk[1-9A-HJ-NP-Za-km-z]{44}") {
        let text = format!("did:marque:{tail}");
        if let Some(did) = Did::from_text(&text) {
            prop_assert_eq!(did.to_text(), text);
        }
    }

    #[test]
    fn a_changed_did_is_another_or_none(at in 0..Did::TEXT_BYTES, byte in 0x20u8..0x7f) {
        let mut bytes = text().into_bytes();
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert_ne!(Did::from_text(&changed), Did::from_text(&text()));
    }

    #[test]
    fn no_text_panics(text in "(did:marque:)?\\PC{0,80}") {
        prop_assert_eq!(Did::from_text(&text), None);
    }
}
