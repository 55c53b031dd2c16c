//! Signatures by keys that were decoded before.

use marque_primitives::{Ed25519Key, PublicKey};
use subxt_signer::sr25519;

use crate::token::{SignedMessage, verify_batch};

/// An authorization server's key, ready to check signatures with. Its type alone chooses the scheme.
#[derive(Clone, Copy, Debug)]
pub(super) enum SigningKey {
    Ed25519(Ed25519Key),
    Sr25519([u8; 32]),
    /// No signature is good by it.
    Unusable,
}

/// A signature to be checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed<'a> {
    pub(super) key: &'a SigningKey,
    pub(super) bytes: &'a [u8],
    pub(super) signature: &'a [u8; 64],
}

impl SigningKey {
    pub(super) fn of(public_key: &PublicKey) -> Self {
        match public_key {
            PublicKey::Ed25519(bytes) => Ed25519Key::decode(bytes).map_or(Self::Unusable, Self::Ed25519),
            PublicKey::Sr25519(bytes) => Self::Sr25519(*bytes),
            PublicKey::X25519(_) | PublicKey::P256(_) => Self::Unusable,
        }
    }
}

impl Signed<'_> {
    pub(super) fn holds(&self) -> bool {
        match self.key {
            SigningKey::Ed25519(key) => key.verifies(self.bytes, self.signature),
            SigningKey::Sr25519(key) => {
                sr25519::verify(&sr25519::Signature(*self.signature), self.bytes, &sr25519::PublicKey(*key))
            }
            SigningKey::Unusable => false,
        }
    }
}

/// Which of many signatures hold: those of Ed25519 are checked together.
pub(super) fn check_all(signed: &[Signed<'_>]) -> Vec<bool> {
    let (mut holds, mut places, mut together) = (vec![false; signed.len()], Vec::new(), Vec::new());
    for (place, one) in signed.iter().enumerate() {
        if let SigningKey::Ed25519(key) = one.key {
            places.push(place);
            together.push(SignedMessage { key, message: one.bytes, signature: one.signature });
        } else {
            holds[place] = one.holds();
        }
    }
    for (place, is_good) in places.into_iter().zip(verify_batch(&together)) {
        holds[place] = is_good;
    }
    holds
}

#[cfg(test)]
mod tests {
    use marque_primitives::{AccountId, Signature};

    use super::*;
    use crate::signer::{Account, Signer};

    const BYTES: &[u8] = b"signed";

    fn signature(account: &Account) -> [u8; 64] {
        match account.sign(BYTES).unwrap() {
            Signature::Ed25519(bytes) | Signature::Sr25519(bytes) => bytes,
        }
    }

    fn holds(key: PublicKey, signature: &[u8; 64]) -> bool {
        Signed { key: &SigningKey::of(&key), bytes: BYTES, signature }.holds()
    }

    #[test]
    fn the_keys_type_alone_chooses_the_scheme() {
        for account in [Account::generate(), Account::from_uri("//Alice").unwrap()] {
            let (public_key, signature, AccountId(bytes)) =
                (account.public_key(), signature(&account), account.account());
            assert!(holds(public_key, &signature));
            for other in [PublicKey::Ed25519(bytes), PublicKey::Sr25519(bytes), PublicKey::X25519(bytes)] {
                assert_eq!(holds(other, &signature), other == public_key, "{other:?} for {public_key:?}");
            }
            let mut changed = signature;
            changed[0] ^= 1;
            assert!(!holds(public_key, &changed));
        }
    }

    #[test]
    fn no_signature_is_good_by_a_key_that_is_none() {
        // The point of order 1, by which a signature of zeros would hold for everything.
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut zero = [0; 64];
        zero[0] = 1;
        for key in [PublicKey::Ed25519(identity), PublicKey::Ed25519([0xff; 32]), PublicKey::P256([2; 33])] {
            assert!(!holds(key, &zero), "{key:?}");
        }
    }

    #[test]
    fn of_many_each_is_told() {
        let alice = Account::from_uri("//Alice").unwrap();
        let accounts: Vec<Account> = (0..4).map(|_| Account::generate()).chain([alice]).collect();
        let keys: Vec<SigningKey> = accounts.iter().map(|account| SigningKey::of(&account.public_key())).collect();
        let signatures: Vec<[u8; 64]> = accounts.iter().map(signature).collect();
        let good = |number: usize| Signed { key: &keys[number], bytes: BYTES, signature: &signatures[number] };
        let mut signed: Vec<Signed<'_>> = (0..5).map(good).collect();
        signed[2].key = &keys[3];
        assert_eq!(check_all(&signed), [true, true, false, true, true]);
        signed[4].bytes = b"other";
        signed[0].key = &SigningKey::Unusable;
        assert_eq!(check_all(&signed), [false, true, false, true, false]);
        assert!(check_all(&[]).is_empty());
        // So many that they are checked together.
        let mut signed: Vec<Signed<'_>> = (0..1000).map(|number| good(number % 5)).collect();
        assert_eq!(check_all(&signed), [true; 1000]);
        signed[777].bytes = b"other";
        assert_eq!(check_all(&signed), std::array::from_fn::<bool, 1000, _>(|number| number != 777));
    }
}
