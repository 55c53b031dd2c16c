//! Transactions that are not looked at again for a while, because they were invalid.

use std::collections::{HashMap, VecDeque};

use sp_core::H256;

/// How long, as in the node.
const BAN_MS: u64 = 30 * 60 * 1000;
/// How many are remembered; the oldest are forgotten first.
const BANS_MAX: usize = 4096;

/// The banned transactions.
#[derive(Debug, Default)]
pub(crate) struct Bans {
    until_ms: HashMap<H256, u64>,
    order: VecDeque<H256>,
}

impl Bans {
    /// Bans a transaction from `now_ms` on.
    pub(crate) fn ban(&mut self, hash: H256, now_ms: u64) {
        if self.until_ms.insert(hash, now_ms.saturating_add(BAN_MS)).is_none() {
            self.order.push_back(hash);
        }
        while self.order.len() > BANS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.until_ms.remove(&oldest);
            }
        }
    }

    /// Whether a transaction is banned at `now_ms`.
    pub(crate) fn is_banned(&self, hash: &H256, now_ms: u64) -> bool {
        self.until_ms.get(hash).is_some_and(|until_ms| *until_ms > now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_ends_and_the_list_is_bounded() {
        let mut bans = Bans::default();
        let hash = H256::repeat_byte(1);
        bans.ban(hash, 1000);
        assert!(bans.is_banned(&hash, 1000 + BAN_MS - 1));
        assert!(!bans.is_banned(&hash, 1000 + BAN_MS));
        for index in 0..BANS_MAX as u64 {
            bans.ban(H256::from_low_u64_be(index), 1000);
        }
        assert!(!bans.is_banned(&hash, 1000));
        assert_eq!(bans.until_ms.len(), BANS_MAX);
    }
}
