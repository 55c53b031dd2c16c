//! The two clocks that a verifier reads.

use std::{
    fmt,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use marque_primitives::TimestampMs;

/// A moment, on both clocks of a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// Milliseconds since the Unix epoch: for the times in tokens. This clock may be set, forwards and back.
    pub wall_ms: TimestampMs,
    /// Milliseconds since some start: for how long something took. This clock never goes back, but may stand still while the machine
    /// sleeps.
    pub uptime_ms: u64,
}

impl Moment {
    /// How long ago `earlier` was, in milliseconds: the longer of what the two clocks say, as each may be wrong by too little.
    pub fn since(&self, earlier: &Self) -> u64 {
        let uptime_ms = self.uptime_ms.saturating_sub(earlier.uptime_ms);
        uptime_ms.max(self.wall_ms.saturating_sub(earlier.wall_ms))
    }

    /// The moment at which the wall clock showed this time; now, if it has not shown it yet.
    pub(super) fn when(&self, wall_ms: TimestampMs) -> Self {
        let ago_ms = self.wall_ms.saturating_sub(wall_ms);
        Self { wall_ms: self.wall_ms - ago_ms, uptime_ms: self.uptime_ms.saturating_sub(ago_ms) }
    }
}

/// A source of time. Injected, so that a test of staleness need not wait.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now, on both clocks.
    fn now(&self) -> Moment;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Moment { wall_ms: millis(since_epoch), uptime_ms: millis(self.start.elapsed()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(wall_ms: u64, uptime_ms: u64) -> Moment {
        Moment { wall_ms, uptime_ms }
    }

    #[test]
    fn a_clock_that_is_set_back_or_stands_still_hides_no_age() {
        let earlier = at(1_000_000, 500);
        assert_eq!(at(1_000_100, 600).since(&earlier), 100);
        assert_eq!(at(900_000, 600).since(&earlier), 100, "the wall clock was set back");
        assert_eq!(at(1_000_100, 500).since(&earlier), 100, "the machine slept");
        assert_eq!(at(9_000_000, 600).since(&earlier), 8_000_000, "set forwards: rather too old");
    }

    #[test]
    fn a_moment_is_found_by_its_wall_time() {
        assert_eq!(at(1000, 500).when(900), at(900, 400));
        assert_eq!(at(1000, 50).when(900), at(900, 0), "before the other clock's start");
        assert_eq!(at(1000, 500).when(1001), at(1000, 500), "a time ahead is no age");
    }
}
