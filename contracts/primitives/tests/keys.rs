//! Which public keys are accepted, what they may be for, and which Ed25519 signatures hold.

use curve25519_dalek::{
    EdwardsPoint, RistrettoPoint, Scalar, constants::EIGHT_TORSION, edwards::CompressedEdwardsY,
    ristretto::CompressedRistretto,
};
use marque_primitives::{Error, KeyType, NewKey, PublicKey, Relationships, verify_ed25519};
use proptest::prelude::*;

/// p = 2^255 − 19, little-endian, plus a small number.
fn p_plus(offset: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed + offset;
    bytes[31] = 0x7f;
    bytes
}

fn number(value: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = value;
    bytes
}

fn with_top_bit(mut bytes: [u8; 32]) -> [u8; 32] {
    bytes[31] |= 0x80;
    bytes
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[track_caller]
fn check(key: PublicKey, expected: Result<(), Error>) {
    assert_eq!(key.validate(), expected, "{key:02x?}");
}

/// RFC 8032, section 7.1: tests 1, 2, 3 and SHA(abc), as (public key, message, signature).
const RFC_8032: [(&str, &str, &str); 4] = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
];

#[test]
fn rfc_8032_keys_and_signatures_are_accepted() {
    for (key, message, signature) in RFC_8032 {
        check(PublicKey::Ed25519(bytes(key)), Ok(()));
        assert!(verify_ed25519(&bytes(key), &hex::decode(message).unwrap(), &bytes(signature)), "{key}");
    }
}

#[test]
fn one_changed_bit_anywhere_breaks_a_signature() {
    let (key, message, signature) = RFC_8032[2];
    let (key, message, signature) = (bytes::<32>(key), bytes::<2>(message), bytes::<64>(signature));
    for bit in 0..64 * 8 {
        let mut changed = signature;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!verify_ed25519(&key, &message, &changed), "signature bit {bit}");
    }
    for bit in 0..16 {
        let mut changed = message;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!verify_ed25519(&key, &changed, &signature), "message bit {bit}");
    }
    for bit in 0..256 {
        let mut changed = key;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!verify_ed25519(&changed, &message, &signature), "key bit {bit}");
    }
}

#[test]
fn an_s_that_is_not_reduced_is_refused() {
    // The same signature with S + L (RFC 8032, section 5.1.7, demands S < L).
    let (key, message, signature) = RFC_8032[1];
    let mut malleated: [u8; 64] = bytes(signature);
    let order: [u8; 32] = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut carry = 0u16;
    for (s, l) in malleated[32..].iter_mut().zip(order) {
        let sum = u16::from(*s) + u16::from(l) + carry;
        *s = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert!(!verify_ed25519(&bytes(key), &hex::decode(message).unwrap(), &malleated));
}

#[test]
fn ed25519_keys_of_small_order_are_refused() {
    for point in EIGHT_TORSION {
        let key = point.compress().to_bytes();
        check(PublicKey::Ed25519(key), Err(Error::InvalidKey));
        // With such a key, S = 0 and R = the identity would sign any message in a lax verifier.
        let mut signature = [0; 64];
        signature[0] = 1;
        assert!(!verify_ed25519(&key, b"any", &signature));
        // x = 0 with the sign set is the same point in a second encoding.
        check(PublicKey::Ed25519(with_top_bit(key)), Err(Error::InvalidKey));
    }
}

#[test]
fn ed25519_keys_that_are_not_canonical_are_refused() {
    for offset in 0..=(0xff - 0xed) {
        check(PublicKey::Ed25519(p_plus(offset)), Err(Error::InvalidKey));
        check(PublicKey::Ed25519(with_top_bit(p_plus(offset))), Err(Error::InvalidKey));
    }
}

#[test]
fn ed25519_keys_that_are_no_point_are_refused() {
    // y = 2 has no x on the curve; y = 3 has.
    check(PublicKey::Ed25519(number(2)), Err(Error::InvalidKey));
    check(PublicKey::Ed25519(number(3)), Ok(()));
}

/// RFC 9496, appendix A.3: encodings that a ristretto255 decoder must refuse, one of each kind.
const RISTRETTO_BAD: [&str; 8] = [
    // Not canonical.
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    // Negative.
    "0100000000000000000000000000000000000000000000000000000000000000",
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    // x² is no square.
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    // s = −1.
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

#[test]
fn sr25519_keys_must_be_good_encodings_and_not_the_identity() {
    for bad in RISTRETTO_BAD {
        check(PublicKey::Sr25519(bytes(bad)), Err(Error::InvalidKey));
    }
    check(PublicKey::Sr25519([0; 32]), Err(Error::InvalidKey));
    // RFC 9496, appendix A.1: the generator and its double.
    for good in [
        "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
        "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    ] {
        assert!(CompressedRistretto(bytes(good)).decompress().is_some());
        check(PublicKey::Sr25519(bytes(good)), Ok(()));
    }
}

/// What curve25519-dalek says of the same bytes.
fn is_ed25519(bytes: [u8; 32]) -> bool {
    let point = CompressedEdwardsY(bytes).decompress();
    point.is_some_and(|point| !point.is_small_order() && point.compress().0 == bytes)
}

fn is_sr25519(bytes: [u8; 32]) -> bool {
    bytes != [0; 32] && CompressedRistretto(bytes).decompress().is_some()
}

/// Keys are checked without a curve library; it says the same of numbers near every edge.
#[test]
fn curve_keys_at_the_edges_are_as_a_curve_library_says() {
    let near = |bit: usize| {
        let mut power = [0; 32];
        power[bit / 8] = 1 << (bit % 8);
        [power, power.map(|byte| !byte)]
    };
    let edges = (0..256).flat_map(near).chain((0..=0xff - 0xed).map(p_plus)).chain((0..=u8::MAX).map(number));
    for edge in edges {
        for low in 0..64 {
            let mut bytes = edge;
            bytes[0] = bytes[0].wrapping_add(low);
            check_as(PublicKey::Ed25519(bytes), is_ed25519(bytes));
            check_as(PublicKey::Sr25519(bytes), is_sr25519(bytes));
        }
    }
}

fn check_as(key: PublicKey, is_valid: bool) {
    check(key, if is_valid { Ok(()) } else { Err(Error::InvalidKey) });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn curve_keys_are_as_a_curve_library_says(bytes: [u8; 32], scalar: [u8; 32]) {
        let point = EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order(scalar));
        let element = RistrettoPoint::mul_base(&Scalar::from_bytes_mod_order(scalar));
        for bytes in [bytes, point.compress().0, element.compress().0] {
            check_as(PublicKey::Ed25519(bytes), is_ed25519(bytes));
            check_as(PublicKey::Sr25519(bytes), is_sr25519(bytes));
        }
        for torsion in EIGHT_TORSION {
            let bytes = (point + torsion).compress().0;
            check_as(PublicKey::Ed25519(bytes), is_ed25519(bytes));
        }
    }
}

#[test]
fn x25519_keys_of_small_order_are_refused() {
    for small in [
        number(0),
        number(1),
        bytes("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        bytes("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        bytes("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ] {
        check(PublicKey::X25519(small), Err(Error::InvalidKey));
        check(PublicKey::X25519(with_top_bit(small)), Err(Error::InvalidKey));
    }
    // The torsion points of the curve itself, by their u-coordinates.
    for point in EIGHT_TORSION {
        check(PublicKey::X25519(point.to_montgomery().to_bytes()), Err(Error::InvalidKey));
    }
}

#[test]
fn x25519_keys_must_be_canonical() {
    for offset in 0..=(0xff - 0xed) {
        check(PublicKey::X25519(p_plus(offset)), Err(Error::InvalidKey));
    }
    // The base point, the largest number below p that is not of small order, and RFC 7748's Alice (section 6.1).
    let alice = bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    let mut below = p_plus(0);
    below[0] = 0xeb;
    for good in [number(9), below, alice] {
        check(PublicKey::X25519(good), Ok(()));
    }
    check(PublicKey::X25519(with_top_bit(alice)), Err(Error::InvalidKey));
}

#[test]
fn p256_keys_must_be_compressed_and_below_the_prime() {
    let prime: [u8; 32] = bytes("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let key = |prefix: u8, x: [u8; 32]| {
        let mut key = [prefix; 33];
        key[1..].copy_from_slice(&x);
        PublicKey::P256(key)
    };
    let mut below = prime;
    below[31] = 0xfe;
    let mut above = prime;
    above[20..].copy_from_slice(&[0; 12]);
    above[19] = 1;
    for (prefix, x, expected) in [
        (2, below, Ok(())),
        (3, below, Ok(())),
        (2, [0; 32], Ok(())),
        (2, prime, Err(Error::InvalidKey)),
        (3, above, Err(Error::InvalidKey)),
        (2, [0xff; 32], Err(Error::InvalidKey)),
        (0, below, Err(Error::InvalidKey)),
        (1, below, Err(Error::InvalidKey)),
        (4, below, Err(Error::InvalidKey)),
        (0x82, below, Err(Error::InvalidKey)),
    ] {
        check(key(prefix, x), expected);
    }
}

#[test]
fn each_type_has_its_relationships() {
    for flags in 0..=u8::MAX {
        let known = flags != 0 && flags & 0b1110_0000 == 0;
        let agrees = flags & Relationships::KEY_AGREEMENT.0 != 0;
        for key_type in [KeyType::Ed25519, KeyType::Sr25519, KeyType::P256] {
            let expected = if known && !agrees { Ok(()) } else { Err(Error::InvalidRelationships) };
            assert_eq!(Relationships(flags).validate_for(key_type), expected, "{key_type:?} {flags:#b}");
        }
        let expected = if flags == 4 { Ok(()) } else { Err(Error::InvalidRelationships) };
        assert_eq!(Relationships(flags).validate_for(KeyType::X25519), expected, "{flags:#b}");
    }
    assert_eq!(Relationships::INITIAL.validate_for(KeyType::Ed25519), Ok(()));
}

#[test]
fn a_new_key_s_relationships_are_checked_before_its_bytes() {
    let new_key = |relationships| NewKey { public_key: PublicKey::Ed25519([0; 32]), relationships };
    assert_eq!(new_key(Relationships(0)).validate(), Err(Error::InvalidRelationships));
    assert_eq!(new_key(Relationships::AUTHENTICATION).validate(), Err(Error::InvalidKey));
}

#[test]
fn keys_that_cannot_sign_extrinsics_have_no_account() {
    assert!(PublicKey::Ed25519([7; 32]).account().is_some());
    assert!(PublicKey::Sr25519([7; 32]).account().is_some());
    assert!(PublicKey::X25519([7; 32]).account().is_none());
    assert!(PublicKey::P256([2; 33]).account().is_none());
}
