//! Decoders of what comes from outside: whole values come back as they were, parts and noise are refused without a panic.

mod strategies;

use std::fmt::Debug;

use marque_primitives::{Device, LogEntry, Operation, SignedOperation};
use parity_scale_codec::{Decode, DecodeAll, Encode};
use proptest::{collection::vec, prelude::*};

fn check<T: Encode + Decode + PartialEq + Debug>(value: &T) {
    let bytes = value.encode();
    assert_eq!(&T::decode_all(&mut &bytes[..]).unwrap(), value);
    for end in 0..bytes.len() {
        assert!(T::decode(&mut &bytes[..end]).is_err(), "the first {end} bytes of {bytes:02x?} are no value");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(T::decode_all(&mut &longer[..]).is_err(), "a byte after the end is refused");
}

/// Whatever noise decodes to is written as the same bytes: no value has two encodings, so that signed bytes have one meaning.
fn check_noise<T: Encode + Decode>(bytes: &[u8]) {
    let mut rest = bytes;
    if let Ok(value) = T::decode(&mut rest) {
        let read = bytes.len() - rest.len();
        assert_eq!(value.encode(), &bytes[..read]);
    }
}

proptest! {
    #[test]
    fn whole_values_come_back_and_parts_are_refused(
        signed in strategies::signed_operation(),
        entry in strategies::log_entry(),
        device in strategies::device(),
    ) {
        check(&signed);
        check(&entry);
        check(&device);
    }

    #[test]
    fn noise_never_panics(bytes in vec(any::<u8>(), 0..600)) {
        check_noise::<SignedOperation>(&bytes);
        check_noise::<Operation>(&bytes);
        check_noise::<LogEntry>(&bytes);
        check_noise::<Device>(&bytes);
    }

    #[test]
    fn a_changed_byte_never_panics(signed in strategies::signed_operation(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = signed.encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        check_noise::<SignedOperation>(&bytes);
    }
}

#[test]
fn a_length_that_promises_gigabytes_is_refused() {
    // Variant 5 (RemoveService) with an id of 2^30 − 1 bytes, of which there are none.
    assert!(Operation::decode(&mut &[5, 0xfe, 0xff, 0xff, 0xff][..]).is_err());
}
