//! Many Ed25519 signatures at once, decided as [`Ed25519Key::verifies`] decides each of them.
//!
//! All equations `[s]B = R + [k]A` are checked as one sum with random weights. That says the same as each of them as long as every
//! `R` and `A` is in the group of prime order: a part of small order could cancel out in the sum, where the strict rule refuses it. So
//! that is checked too, also for all points at once: of each of 64 random subsets, the sum must be in that group. Who is outside is in
//! each sum with a chance of one half, so that a batch which hides such a point passes with a chance of 2^-64 at most. When anything
//! does not add up, halves are tried, and at last each signature by itself: what is refused was refused by the strict rule.

use std::collections::{HashMap, HashSet};

use curve25519_dalek::{
    EdwardsPoint, Scalar,
    constants::ED25519_BASEPOINT_POINT,
    traits::{Identity, IsIdentity, VartimeMultiscalarMul},
};
use marque_primitives::Ed25519Key;
use rand::{CryptoRng, RngCore};
use ring::digest::{Context, SHA512};

/// Checking 64 sums costs as much as this many signatures save, counted in halves: a signature saves two of them, a key costs one.
const FIXED_COST: usize = 160;
/// Random subsets whose sums are checked.
const SUBSETS: usize = 64;
/// Points whose sums are tabled together: 2^5 entries for 5 points.
const TABLED: usize = 5;

/// A signature to be checked.
#[derive(Clone, Copy, Debug)]
pub struct SignedMessage<'a> {
    /// The signer's public key.
    pub key: &'a Ed25519Key,
    /// What was signed.
    pub message: &'a [u8],
    /// The signature.
    pub signature: &'a [u8; 64],
}

impl SignedMessage<'_> {
    fn is_good(&self) -> bool {
        self.key.verifies(self.message, self.signature)
    }
}

/// Whether each of the signatures is good, in order, as [`Ed25519Key::verifies`] decides it.
///
/// It pays from about a hundred signatures on, and the more the fewer keys they are by: 1.9 times as fast for 256 by four keys, 2.6 times for
/// 1024; 1.4 times where each is by another key. Bad ones make it slower, down to somewhat less than the speed of single checks: give
/// it what is likely to be good.
pub fn verify_batch(signed: &[SignedMessage<'_>]) -> Vec<bool> {
    let mut results = vec![false; signed.len()];
    verify_into(signed, &mut results, &mut rand::thread_rng());
    results
}

fn verify_into(signed: &[SignedMessage<'_>], results: &mut [bool], random: &mut (impl RngCore + CryptoRng)) {
    if !pays(signed) {
        for (result, signed) in results.iter_mut().zip(signed) {
            *result = signed.is_good();
        }
    } else if are_all_good(signed, random) {
        results.fill(true);
    } else {
        let middle = signed.len() / 2;
        let (first, second) = results.split_at_mut(middle);
        verify_into(&signed[..middle], first, random);
        verify_into(&signed[middle..], second, random);
    }
}

/// Whether checking all together is faster than each by itself.
fn pays(signed: &[SignedMessage<'_>]) -> bool {
    let keys: HashSet<_> = signed.iter().map(|signed| signed.key.as_bytes()).collect();
    2 * signed.len() - keys.len() >= FIXED_COST
}

/// What is to be checked of all signatures together.
#[derive(Default)]
struct Batch {
    /// The `R`s, then the keys, each once.
    points: Vec<EdwardsPoint>,
    /// The weight of each point in the sum of all equations.
    weights: Vec<Scalar>,
    /// The weight of the base point.
    base: Scalar,
}

/// Not always, when any of them is bad.
fn are_all_good(signed: &[SignedMessage<'_>], random: &mut (impl RngCore + CryptoRng)) -> bool {
    Batch::new(signed, random).is_some_and(|batch| batch.holds() && are_torsion_free(&batch.points, random))
}

impl Batch {
    /// `None` when a part of a signature is not in its one encoding, or of small order.
    fn new(signed: &[SignedMessage<'_>], random: &mut impl RngCore) -> Option<Self> {
        let mut batch = Self::default();
        let mut keys: HashMap<&[u8; 32], (EdwardsPoint, Scalar)> = HashMap::new();
        for signed in signed {
            let (r, s) = signed.signature.split_first_chunk::<32>()?;
            let s: Scalar = Option::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
            let weight = random_weight(random);
            batch.points.push(Ed25519Key::decode(r)?.point());
            batch.weights.push(weight);
            batch.base -= weight * s;
            let of_key = keys.entry(signed.key.as_bytes()).or_insert_with(|| (signed.key.point(), Scalar::ZERO));
            of_key.1 += weight * challenge(r, signed);
        }
        let (points, weights): (Vec<_>, Vec<_>) = keys.into_values().unzip();
        batch.points.extend(points);
        batch.weights.extend(weights);
        Some(batch)
    }

    fn holds(&self) -> bool {
        let weights = self.weights.iter().chain([&self.base]);
        EdwardsPoint::vartime_multiscalar_mul(weights, self.points.iter().chain([&ED25519_BASEPOINT_POINT]))
            .is_identity()
    }
}

/// RFC 8032, section 5.1.7, step 2.
fn challenge(r: &[u8; 32], signed: &SignedMessage<'_>) -> Scalar {
    let mut hash = Context::new(&SHA512);
    hash.update(r);
    hash.update(signed.key.as_bytes());
    hash.update(signed.message);
    let mut wide = [0; 64];
    wide.copy_from_slice(hash.finish().as_ref());
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// 128 random bits.
fn random_weight(random: &mut impl RngCore) -> Scalar {
    let mut bytes = [0; 16];
    random.fill_bytes(&mut bytes);
    Scalar::from(u128::from_le_bytes(bytes))
}

/// Whether all points are in the group of prime order: certainly yes if they are, and yes with a chance of 2^-64 at most if not.
fn are_torsion_free(points: &[EdwardsPoint], random: &mut impl RngCore) -> bool {
    subset_sums(points, random).iter().all(|sum| {
        // The order minus one, times the point, plus the point: the library's own check takes twice the time, as it hides the point.
        let minus_one = -Scalar::ONE;
        let product = EdwardsPoint::vartime_double_scalar_mul_basepoint(&minus_one, sum, &Scalar::ZERO);
        (product + sum).is_identity()
    })
}

/// The sums of random subsets.
fn subset_sums(points: &[EdwardsPoint], random: &mut impl RngCore) -> [EdwardsPoint; SUBSETS] {
    let mut sums = [EdwardsPoint::identity(); SUBSETS];
    for points in points.chunks(TABLED) {
        let table = all_sums(points);
        let mut choices = [0; SUBSETS];
        random.fill_bytes(&mut choices);
        for (sum, choice) in sums.iter_mut().zip(choices) {
            *sum += table[usize::from(choice) % table.len()];
        }
    }
    sums
}

/// The sums of all subsets of a few points; bit i of the index says whether point i is in it.
fn all_sums(points: &[EdwardsPoint]) -> Vec<EdwardsPoint> {
    let mut sums = vec![EdwardsPoint::identity()];
    for point in points {
        let with: Vec<EdwardsPoint> = sums.iter().map(|sum| sum + point).collect();
        sums.extend(with);
    }
    sums
}
