//! How a [`Verifier`](super::Verifier) behaves.

use std::{sync::Arc, time::Duration};

use marque_primitives::bounds;

use super::{Clock, Limits, SystemClock};

/// The shortest and the longest pause between two questions for the finalized head.
const POLL_INTERVAL_MIN: Duration = Duration::from_millis(50);
const POLL_INTERVAL_MAX: Duration = Duration::from_secs(10);

/// What a verifier accepts, and how much it keeps.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VerifierConfig {
    /// How long ago the node must have named the view's block as its finalized head: beyond that nothing is said to be good.
    /// The node is asked six times in this time. Default 60 s.
    pub age_max: Duration,
    /// How old the last finalized block may be. Default: as old as it likes, since a chain that seals on demand makes none
    /// while nothing happens. Set it to some block times on a chain that makes blocks at an interval: only this notices a node that
    /// answers and has lost its peers.
    pub block_age_max: Option<Duration>,
    /// How far the clocks of issuers, chain and this machine may differ. Default [`bounds::CLOCK_SKEW_MAX_MS`], 30 s.
    pub skew_max: Duration,
    /// Devices that are kept in memory; one with several keys counts as so many. Others are read from the chain when a token of
    /// theirs comes. Default 1,000,000, in some 80 to 140 MB when there are so many.
    pub devices_max: usize,
    /// Revoked tokens that are kept in memory until they expire, and as many of those that were found not to be revoked; some
    /// 60 bytes each. Of the ones beyond, the chain is asked. Default 500,000.
    pub tokens_max: usize,
    /// How many blocks before the head are read at the start, if the node still has them. When they reach back 24 hours, or to where the
    /// access contract begins, all revocations that matter are known from the start. Otherwise each token that
    /// is met for the first time within 24 hours of the start costs one read. Default 1024.
    pub replay_blocks: u32,
    /// The time. Default: the machine's clocks.
    pub clock: Arc<dyn Clock>,
}

impl Default for VerifierConfig {
    fn default() -> Self {
        Self {
            age_max: Duration::from_secs(60),
            block_age_max: None,
            skew_max: Duration::from_millis(bounds::CLOCK_SKEW_MAX_MS),
            devices_max: 1_000_000,
            tokens_max: 500_000,
            replay_blocks: 1024,
            clock: Arc::new(SystemClock::default()),
        }
    }
}

impl VerifierConfig {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            age_max_ms: millis(self.age_max),
            block_age_max_ms: self.block_age_max.map(millis),
            skew_max_ms: millis(self.skew_max),
            devices_max: self.devices_max,
            tokens_max: self.tokens_max,
        }
    }

    pub(super) fn poll_interval(&self) -> Duration {
        (self.age_max / 6).clamp(POLL_INTERVAL_MIN, POLL_INTERVAL_MAX)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
