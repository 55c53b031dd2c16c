//! A verifier's clock that can be put forward.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use marque_sdk::verifier::{Clock, Moment, SystemClock};

/// The machine's clocks, both put forward by some time.
#[derive(Default, Debug)]
pub struct ShiftedClock {
    machine: SystemClock,
    ahead_ms: AtomicU64,
}

impl ShiftedClock {
    /// Puts it forward by so much more.
    ///
    /// # Panics
    /// When that is more than fits.
    pub fn advance(&self, by: Duration) {
        self.ahead_ms.fetch_add(by.as_millis().try_into().expect("the time fits"), Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Moment {
        let (now, ahead_ms) = (self.machine.now(), self.ahead_ms.load(Ordering::SeqCst));
        Moment { wall_ms: now.wall_ms + ahead_ms, uptime_ms: now.uptime_ms + ahead_ms }
    }
}
