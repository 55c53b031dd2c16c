//! A batch decides as each check by itself does, above all where a sum of equations would not.

use curve25519_dalek::{
    EdwardsPoint, Scalar,
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
};
use marque_primitives::{Ed25519Key, Signature, verify_ed25519};
use proptest::{collection::vec, prelude::*, sample::Index};
use ring::digest::{Context, SHA512};

use super::*;
use crate::signer::Signer;

/// More than are checked one by one.
const MANY: usize = 150;

#[derive(Clone)]
struct Signed {
    public_key: [u8; 32],
    message: Vec<u8>,
    signature: [u8; 64],
}

impl Signed {
    fn by(account: &Account, message: Vec<u8>) -> Self {
        let Signature::Ed25519(signature) = account.sign(&message).unwrap() else { panic!("the scheme is Ed25519") };
        Self { public_key: account.account().0, message, signature }
    }

    fn is_good(&self) -> bool {
        verify_ed25519(&self.public_key, &self.message, &self.signature)
    }
}

fn good(count: usize, keys: usize) -> Vec<Signed> {
    let accounts: Vec<Account> = (0..keys)
        .map(|n| Account::ed25519(&Seed::from_bytes(&Zeroizing::new([u8::try_from(n).unwrap(); 32]))))
        .collect();
    (0..count).map(|n| Signed::by(&accounts[n % keys], n.to_le_bytes().to_vec())).collect()
}

#[track_caller]
fn check(all: &[Signed]) -> Vec<bool> {
    let keys: Vec<Option<Ed25519Key>> = all.iter().map(|one| Ed25519Key::decode(&one.public_key)).collect();
    let messages: Vec<SignedMessage> = all
        .iter()
        .zip(&keys)
        .filter_map(|(one, key)| {
            Some(SignedMessage { key: key.as_ref()?, message: &one.message, signature: &one.signature })
        })
        .collect();
    let mut decided = verify_batch(&messages).into_iter();
    // No signature is good by a key that is none.
    let results: Vec<bool> = keys.iter().map(|key| key.is_some() && decided.next().unwrap()).collect();
    assert_eq!(results, all.iter().map(Signed::is_good).collect::<Vec<_>>());
    results
}

fn challenge(r: &[u8], key: &[u8], message: &[u8]) -> Scalar {
    let mut hash = Context::new(&SHA512);
    [r, key, message].into_iter().for_each(|part| hash.update(part));
    Scalar::from_bytes_mod_order_wide(hash.finish().as_ref().try_into().unwrap())
}

/// A signature whose key and `R` have parts of small order. With the cofactor it holds; without, it holds only where they cancel out.
fn twisted(message: &[u8], of_key: EdwardsPoint, of_r: EdwardsPoint) -> Signed {
    let (secret, nonce) = (Scalar::from(0x1234_5678_9abc_def1u64), Scalar::from(0x0fed_cba9_8765_4321u64));
    let public_key = (ED25519_BASEPOINT_POINT * secret + of_key).compress().0;
    let r = (ED25519_BASEPOINT_POINT * nonce + of_r).compress().0;
    let s = nonce + challenge(&r, &public_key, message) * secret;
    let signature = [r, s.to_bytes()].concat().try_into().unwrap();
    Signed { public_key, message: message.to_vec(), signature }
}

#[test]
fn good_ones_are_good() {
    for (count, keys) in [(0, 1), (1, 1), (MANY, 1), (MANY, 7), (MANY, 150), (400, 3)] {
        assert!(check(&good(count, keys)).into_iter().all(|is_good| is_good));
    }
}

#[test]
fn a_bad_one_is_found_wherever_it_is() {
    for at in [0, 1, 74, 75, 149] {
        let mut all = good(MANY, 3);
        all[at].message.push(0);
        let results = check(&all);
        assert_eq!(results.iter().position(|is_good| !is_good), Some(at));
        assert_eq!(results.iter().filter(|is_good| !**is_good).count(), 1);
    }
}

#[test]
fn parts_of_small_order_in_r_that_cancel_out_are_refused() {
    // Two opposite parts are gone from the sum of all equations when their weights are equal modulo the parts' order: one time in 2, 4
    // or 8. The check of the points is what refuses them.
    for torsion in [1, 2, 4] {
        let mut all = good(MANY, 2);
        all[10] = twisted(b"a", EIGHT_TORSION[0], EIGHT_TORSION[torsion]);
        all[20] = twisted(b"b", EIGHT_TORSION[0], EIGHT_TORSION[8 - torsion]);
        assert!(!all[10].is_good() && !all[20].is_good());
        for _ in 0..20 {
            assert!(!check(&all)[10]);
        }
        // One alone, of which a weight that is 0 modulo 8 makes nothing.
        let mut all = good(MANY, 2);
        all[10] = twisted(b"a", EIGHT_TORSION[0], EIGHT_TORSION[torsion]);
        for _ in 0..20 {
            assert!(!check(&all)[10]);
        }
    }
}

#[test]
fn a_key_with_a_part_of_small_order_verifies_what_the_rule_lets_it() {
    // The rule refuses keys of small order, not keys with such a part: then [k]T is nothing for one message in eight.
    let mut all = good(MANY, 2);
    let messages: Vec<Vec<u8>> = (0..64u8).map(|n| vec![n]).collect();
    for (at, message) in messages.iter().enumerate() {
        all[at] = twisted(message, EIGHT_TORSION[1], EIGHT_TORSION[0]);
    }
    let results = check(&all);
    let good = results[..64].iter().filter(|is_good| **is_good).count();
    assert!((1..32).contains(&good), "{good} of 64");
    // And where R's part is what [k]T is not, it holds in the sum and in the strict rule alike, or in neither.
    for (at, message) in messages.iter().enumerate() {
        all[at] = twisted(message, EIGHT_TORSION[1], EIGHT_TORSION[at % 8]);
    }
    check(&all);
}

#[test]
fn what_is_not_canonical_or_of_small_order_is_refused() {
    let order = Scalar::ZERO - Scalar::ONE;
    let mut all = good(MANY, 2);
    // S + L.
    let mut carry = 1u16;
    for (s, l) in all[0].signature[32..].iter_mut().zip(order.to_bytes()) {
        let sum = u16::from(*s) + u16::from(l) + carry;
        *s = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    // Keys and Rs: of small order, beyond the field's prime, no point.
    for (at, torsion) in (1..9).zip(EIGHT_TORSION) {
        all[at].public_key = torsion.compress().0;
        all[at + 10].signature[..32].copy_from_slice(&torsion.compress().0);
    }
    all[30].public_key = [0xff; 32];
    all[31].signature[..32].fill(0xff);
    all[32].public_key = [2; 32];
    all[33].signature = [0; 64];
    let results = check(&all);
    assert_eq!(results.iter().filter(|is_good| !**is_good).count(), 1 + 8 + 8 + 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn batches_decide_as_single_checks_do(
        count in 0usize..400,
        keys in 1usize..40,
        changes in vec((any::<Index>(), 0usize..96, any::<u8>()), 0..4),
    ) {
        let mut all = good(count, keys);
        for (which, at, byte) in changes {
            if all.is_empty() {
                continue;
            }
            let one = which.index(all.len());
            match at.checked_sub(64) {
                None => all[one].signature[at] ^= byte,
                Some(at) => all[one].public_key[at] ^= byte,
            }
        }
        check(&all);
    }
}
