//! Nonces that the server hands out for DPoP proofs (RFC 9449, section 8): a proof that was signed ahead of time is of no use.
//!
//! Nothing is kept of them. They follow from a key and from the day, so that all gateways with one master key hand out the same.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::Mac;
use marque_sdk::primitives::TimestampMs;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::secret::{MasterKey, keyed};

/// How long a nonce is handed out, in milliseconds.
const PERIOD_MS: u64 = 24 * 60 * 60 * 1000;
/// For how many periods a nonce is good after that.
const PERIODS_AFTER: u64 = 3;
const TAG: &[u8] = b"marque:gateway:dpop-nonce:1";

/// Where nonces come from.
#[derive(Clone)]
pub struct Nonces(Zeroizing<[u8; 32]>);

impl Nonces {
    /// The nonces of this master key.
    pub fn new(master_key: &MasterKey) -> Self {
        Self(master_key.derive(TAG))
    }

    /// The nonces that are good now: the one of this day, and those of the three days before. Where another gateway's clock may be ahead by
    /// the skew, in milliseconds, the next one may be out already, and is good too.
    pub fn good(&self, now_ms: TimestampMs, skew_max_ms: u64) -> GoodNonces {
        let period = now_ms / PERIOD_MS;
        let last = now_ms.saturating_add(skew_max_ms) / PERIOD_MS;
        let others = (period.saturating_sub(PERIODS_AFTER)..=last).filter(|other| *other != period);
        GoodNonces { current: self.of_period(period), others: others.map(|period| self.of_period(period)).collect() }
    }

    fn of_period(&self, period: u64) -> String {
        let mut mac = keyed(&self.0);
        mac.update(&period.to_be_bytes());
        BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Nonces(..)")
    }
}

/// The nonces that are good at a time. One is worth something to who has no proof with it: they are not shown.
#[derive(Clone)]
pub struct GoodNonces {
    current: String,
    others: Vec<String>,
}

impl GoodNonces {
    /// The one to hand out, in the header `DPoP-Nonce`.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// Whether this is one of them. It takes the same time wherever they differ.
    pub fn contains(&self, nonce: &str) -> bool {
        let is_one = |good: &String| good.as_bytes().ct_eq(nonce.as_bytes());
        let found = self.others.iter().fold(is_one(&self.current), |found: Choice, good| found | is_one(good));
        found.into()
    }
}

impl fmt::Debug for GoodNonces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("GoodNonces(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SKEW_MS: u64 = 30_000;

    fn nonces(byte: u8) -> Nonces {
        Nonces::new(&MasterKey::new(Zeroizing::new([byte; 32])))
    }

    fn current(now_ms: u64) -> String {
        nonces(1).good(now_ms, SKEW_MS).current().to_owned()
    }

    #[test]
    fn a_nonce_is_renewed_each_day_and_good_for_three_more() {
        let day = |number: u64| number * PERIOD_MS;
        let nonce = current(day(100));
        assert_eq!(nonce, current(day(101) - 1), "all day");
        assert_ne!(nonce, current(day(101)));
        for (now_ms, is_good) in [
            (day(100) - SKEW_MS - 1, false),
            (day(100) - SKEW_MS, true),
            (day(100), true),
            (day(101), true),
            (day(104) - 1, true),
            (day(104), false),
        ] {
            assert_eq!(nonces(1).good(now_ms, SKEW_MS).contains(&nonce), is_good, "{now_ms}");
        }
    }

    #[test]
    fn they_follow_from_the_key() {
        assert_eq!(current(7), current(7));
        assert!(!nonces(2).good(7, SKEW_MS).contains(&current(7)), "another master key has others");
        assert_eq!(current(7).len(), 43, "256 bits");
        assert_eq!(format!("{:?} {:?}", nonces(1), nonces(1).good(7, SKEW_MS)), "Nonces(..) GoodNonces(..)");
    }

    proptest! {
        #[test]
        fn the_one_that_is_handed_out_is_good_and_others_are_not(now_ms: u64, skew_ms in 0..PERIOD_MS, other: String) {
            let good = nonces(1).good(now_ms, skew_ms);
            prop_assert!(good.contains(good.current()));
            prop_assert!(!good.contains(&other));
            prop_assert!(!good.contains(&good.current()[1..]));
        }
    }
}
