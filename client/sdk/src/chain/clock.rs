//! This machine's time, and times ahead that a chain accepts.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use marque_primitives::TimestampMs;

use super::{At, Chain, ChainError};

/// A source of this machine's time. Injected, so that a test of deadlines need not wait.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Milliseconds since the Unix epoch. It may be wrong: see [`Chain::time_ahead_ms`].
    fn now_ms(&self) -> TimestampMs;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> TimestampMs {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        TimestampMs::try_from(since_epoch.as_millis()).unwrap_or(TimestampMs::MAX)
    }
}

impl Chain {
    /// The time `ahead_ms` from now, in milliseconds since the Unix epoch: for deadlines and expiries that the chain accepts up to
    /// `ahead_max_ms` after a block's time.
    ///
    /// Now is the time of the best head, or this machine's where that is later: the time of a chain that makes no blocks while
    /// nothing happens stands still, and the block that is made then has about this machine's. But the machine's clock
    /// may be wrong, and dry runs are made at the head's time. So it is believed only as far as the result is at most `ahead_max_ms`
    /// after the head: neither a dry run nor a later block finds that too far.
    ///
    /// Once a chain has stood still for more than `ahead_max_ms - ahead_ms`, the result is nearer than `ahead_ms`, or already past
    /// when a block comes. Any transaction makes it current again.
    ///
    /// # Errors
    /// [`ChainError`] when the chain can't be read.
    pub async fn time_ahead_ms(
        &self,
        ahead_ms: TimestampMs,
        ahead_max_ms: TimestampMs,
    ) -> Result<TimestampMs, ChainError> {
        let head_ms = self.time_ms(At::Best).await?;
        Ok(time_ahead_ms(head_ms, self.config().clock.now_ms(), ahead_ms, ahead_max_ms))
    }
}

fn time_ahead_ms(
    head_ms: TimestampMs,
    machine_ms: TimestampMs,
    ahead_ms: TimestampMs,
    ahead_max_ms: TimestampMs,
) -> TimestampMs {
    let trusted_ms = head_ms.saturating_add(ahead_max_ms.saturating_sub(ahead_ms));
    head_ms.max(machine_ms.min(trusted_ms)).saturating_add(ahead_ms)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE_MS: u64 = 60 * 1000;
    const HOUR_MS: u64 = 60 * MINUTE_MS;
    const DAY_MS: u64 = 24 * HOUR_MS;
    const HEAD_MS: u64 = 1_800_000_000_000;

    fn ten_minutes(machine_ms: u64) -> u64 {
        time_ahead_ms(HEAD_MS, machine_ms, 10 * MINUTE_MS, DAY_MS)
    }

    #[test]
    fn now_is_the_later_of_the_chains_time_and_the_machines() {
        for behind in [0, 1, HOUR_MS, HEAD_MS] {
            assert_eq!(ten_minutes(HEAD_MS - behind), HEAD_MS + 10 * MINUTE_MS, "{behind} ms behind");
        }
        for idle in [1, 11 * MINUTE_MS, HOUR_MS, DAY_MS - 10 * MINUTE_MS] {
            assert_eq!(ten_minutes(HEAD_MS + idle), HEAD_MS + idle + 10 * MINUTE_MS, "{idle} ms idle");
        }
    }

    #[test]
    fn no_clock_leads_further_than_the_chain_accepts() {
        for ahead in [DAY_MS - 10 * MINUTE_MS + 1, DAY_MS, 365 * DAY_MS, u64::MAX - HEAD_MS] {
            assert_eq!(ten_minutes(HEAD_MS + ahead), HEAD_MS + DAY_MS, "{ahead} ms ahead");
        }
        assert_eq!(time_ahead_ms(HEAD_MS, HEAD_MS + HOUR_MS, DAY_MS, DAY_MS), HEAD_MS + DAY_MS, "all that may be");
    }

    #[test]
    fn what_is_too_far_stays_so_for_the_chain_to_refuse() {
        assert_eq!(time_ahead_ms(HEAD_MS, HEAD_MS + HOUR_MS, 2 * DAY_MS, DAY_MS), HEAD_MS + 2 * DAY_MS);
    }

    proptest! {
        #[test]
        fn any_times_give_one_between_the_bounds(head: u64, machine: u64, ahead: u64, max: u64) {
            let time = time_ahead_ms(head, machine, ahead, max);
            prop_assert!(time >= head.saturating_add(ahead));
            prop_assert!(time <= head.saturating_add(ahead.max(max)));
        }
    }
}
