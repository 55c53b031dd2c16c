//! How a [`Chain`](super::Chain) behaves.

use std::{sync::Arc, time::Duration};

use super::{Clock, SystemClock};

/// When a submitted transaction counts as done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WaitFor {
    /// When it is in a block of the best chain. That block can still be replaced.
    Included,
    /// When its block is final.
    #[default]
    Finalized,
}

/// Time-outs, margins, waiting and time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChainConfig {
    /// How long the first connection may take. Default 10 s.
    pub connect_timeout: Duration,
    /// How long a request may take, reconnections included. Default 30 s.
    pub request_timeout: Duration,
    /// How long a transaction may take to get into a block. Default 60 s.
    pub inclusion_timeout: Duration,
    /// How long a block may take to become final. Default 120 s.
    pub finality_timeout: Duration,
    /// After how long without news the finalized head is asked for. Default 6 s.
    pub poll_interval: Duration,
    /// What is added to the gas that a dry run took, in percent. Default 15.
    pub gas_margin_percent: u8,
    /// What is added to the storage deposit that a dry run took, in percent. Default 10.
    pub deposit_margin_percent: u8,
    /// For how many blocks a transaction stays valid; rounded up to a power of two. Default 256.
    pub mortality_blocks: u16,
    /// When a transaction counts as done. Default: when it is final.
    pub wait_for: WaitFor,
    /// This machine's time, for deadlines and expiries while the chain's stands still. Default: the machine's clock.
    pub clock: Arc<dyn Clock>,
}

impl Default for ChainConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            inclusion_timeout: Duration::from_secs(60),
            finality_timeout: Duration::from_secs(120),
            poll_interval: Duration::from_secs(6),
            gas_margin_percent: 15,
            deposit_margin_percent: 10,
            mortality_blocks: 256,
            wait_for: WaitFor::Finalized,
            clock: Arc::new(SystemClock),
        }
    }
}
