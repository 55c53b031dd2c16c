//! What is given to a view, and what it says of itself.

use marque_primitives::{
    AccountId, DeviceId, LogEntry, RegistryId, TimestampMs,
    access::{AccessLogEntry, IssuerId},
    token::{Requirement, SignedToken},
};

use crate::chain::BlockRef;

/// How much a view keeps, and what it accepts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How long ago the node must have named the view's block as its finalized head, in milliseconds.
    pub age_max_ms: u64,
    /// How old the finalized block itself may be, in milliseconds; `None`: as old as it likes.
    pub block_age_max_ms: Option<u64>,
    /// How far clocks may differ, in milliseconds.
    pub skew_max_ms: TimestampMs,
    /// Devices that are kept; one with several keys counts as so many.
    pub devices_max: usize,
    /// Revoked tokens that are kept, and as many of those that were found not to be revoked.
    pub tokens_max: usize,
}

/// Where a view begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The registry whose devices may have tokens.
    pub registry: RegistryId,
    /// A finalized block.
    pub block: BlockRef,
    /// Its time.
    pub time_ms: TimestampMs,
    /// How many authorization servers there are at this block.
    pub issuers: IssuerId,
    /// Whether the access contract begins after this block, so that no token was ever revoked before.
    pub is_complete: bool,
}

/// What a finalized block changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changes {
    /// The block.
    pub block: BlockRef,
    /// Its time.
    pub time_ms: TimestampMs,
    /// Changes of devices, in order.
    pub devices: Vec<(DeviceId, LogEntry)>,
    /// Changes of authorization servers, in order.
    pub issuers: Vec<(IssuerId, AccessLogEntry)>,
}

/// What is to be verified, and by what measure.
#[derive(Clone, Copy, Debug)]
pub struct Check<'a> {
    /// The token.
    pub token: &'a SignedToken,
    /// What is asked of it.
    pub requirement: &'a Requirement,
    /// Who presents it, as [`verify`](marque_primitives::token::verify) has it.
    pub presenter: Option<&'a AccountId>,
}

/// How old a view is, and how much it knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ViewStatus {
    /// The last finalized block that it knows.
    pub block: BlockRef,
    /// The block's time.
    pub block_time_ms: TimestampMs,
    /// How long ago the block was made, in milliseconds, by this machine's clock.
    pub block_age_ms: u64,
    /// How long ago the node named it as its finalized head, in milliseconds.
    pub age_ms: u64,
    /// Devices that are known.
    pub devices: usize,
    /// Revoked tokens that are known.
    pub revoked_tokens: usize,
}
