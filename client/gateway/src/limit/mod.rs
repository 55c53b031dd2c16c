//! How much may be asked for: Okta's limits by the minute, and a brake on guessing secrets. What decides is pure.
//!
//! A request is counted by its address first, then at its authorization server, and once the client has proved who it is, by the client:
//! who is refused by one does not use up the next, and nobody uses up what belongs to a client by giving its name.

mod address;
mod bucket;
mod counters;
mod guess;
mod judge;

pub use bucket::{Bucket, Kind, Window};
pub use counters::{Counters, MemoryCounters};
pub use guess::Guesses;
pub use judge::{Counts, Judged, Wait};

use std::net::IpAddr;

use marque_sdk::primitives::TimestampMs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::StoreError;

/// The most requests that may be allowed in a minute.
const LIMIT_MAX: u32 = 10_000_000;

/// How many requests may be made in a minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// At one authorization server, by all: 1 to 10 000 000.
    pub per_server: u32,
    /// By one client, in percent of those at the authorization server: 1 to 100.
    pub per_client_percent: u32,
    /// From one address, at one authorization server: 1 to 10 000 000. IPv6 addresses of one network of 64 bits count as one.
    pub per_address: u32,
    /// From how many on there is a warning, in percent: 1 to 100.
    pub warn_percent: u32,
}

/// Why limits are not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LimitsError {
    /// A number of requests is out of bounds.
    #[error("a minute may have 1 to 10000000 requests per server and per address")]
    InvalidCount,
    /// A share is out of bounds.
    #[error("shares are 1 to 100 percent")]
    InvalidPercent,
}

impl Default for Limits {
    /// 6000 at the authorization server, half of them by one client, 1200 from one address, and a warning at 90 %.
    fn default() -> Self {
        Self { per_server: 6000, per_client_percent: 50, per_address: 1200, warn_percent: 90 }
    }
}

impl Limits {
    /// Checks limits.
    ///
    /// # Errors
    /// [`LimitsError`]: the numbers first.
    pub fn validate(&self) -> Result<(), LimitsError> {
        if ![self.per_server, self.per_address].iter().all(|count| (1..=LIMIT_MAX).contains(count)) {
            return Err(LimitsError::InvalidCount);
        }
        let are_shares = [self.per_client_percent, self.warn_percent].iter().all(|share| (1..=100).contains(share));
        if are_shares { Ok(()) } else { Err(LimitsError::InvalidPercent) }
    }

    /// Counts a request, before it is read: by its address, and unless that is too many, at the authorization server.
    ///
    /// # Errors
    /// [`StoreError`] where it can't be counted.
    pub async fn count_request(
        &self,
        counters: &dyn Counters,
        server: &str,
        address: Option<IpAddr>,
        now_ms: TimestampMs,
    ) -> Result<Counts, StoreError> {
        let window = Window::at(now_ms);
        let bucket = Bucket::Address { server, address };
        let address = counters.add(bucket.id(window), window.ends_ms(), now_ms).await?;
        let counts = Counts { window, address: Some(address), server: None, client: None };
        if self.judge(&counts).refused.is_some() {
            return Ok(counts);
        }
        let server = counters.add(Bucket::Server { server }.id(window), window.ends_ms(), now_ms).await?;
        Ok(Counts { server: Some(server), ..counts })
    }

    /// Counts a request by its client, which has proved who it is. A refusal of one that has not would let others refuse for it.
    ///
    /// # Errors
    /// [`StoreError`] where it can't be counted.
    pub async fn count_client(
        &self,
        counters: &dyn Counters,
        counts: Counts,
        server: &str,
        client_id: &str,
        now_ms: TimestampMs,
    ) -> Result<Counts, StoreError> {
        let id = Bucket::Client { server, client_id }.id(counts.window);
        let client = counters.add(id, counts.window.ends_ms(), now_ms).await?;
        Ok(Counts { client: Some(client), ..counts })
    }
}

#[cfg(test)]
mod tests;
