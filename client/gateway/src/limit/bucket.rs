//! What is counted together.

use std::net::IpAddr;

use marque_sdk::primitives::TimestampMs;
use sha2::{Digest, Sha256};

use super::address::counted;

const TAG: &[u8] = b"marque:gateway:bucket:1";
const MINUTE_MS: u64 = 60 * 1000;

/// What kind of requests is counted together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// All at an authorization server.
    Server,
    /// One client's.
    Client,
    /// Those from one address.
    Address,
}

/// Requests that are counted together, in each minute anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bucket<'a> {
    /// All at an authorization server.
    Server {
        /// The authorization server's name.
        server: &'a str,
    },
    /// One client's at an authorization server.
    Client {
        /// The authorization server's name.
        server: &'a str,
        /// The client's id.
        client_id: &'a str,
    },
    /// Those from one address at an authorization server.
    Address {
        /// The authorization server's name.
        server: &'a str,
        /// The address; those of which it is not known are counted together.
        address: Option<IpAddr>,
    },
}

/// A minute of the clock, in which requests are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    number: u64,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Server, Self::Client, Self::Address];

    /// The kind of a bucket, which is the first byte of its id.
    pub(super) fn of(bucket: &[u8; 32]) -> Self {
        Self::ALL.into_iter().find(|kind| kind.byte() == bucket[0]).unwrap_or(Self::Address)
    }

    pub(super) const fn byte(self) -> u8 {
        self as u8
    }
}

impl Bucket<'_> {
    /// What kind it is of.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Server { .. } => Kind::Server,
            Self::Client { .. } => Kind::Client,
            Self::Address { .. } => Kind::Address,
        }
    }

    /// The id of the bucket in a minute: one byte for its kind, and the first 31 of the SHA-256 of a tag, the kind, the minute and the names,
    /// each name after its length (8 bytes, big-endian).
    pub fn id(&self, window: Window) -> [u8; 32] {
        let address = match self {
            Self::Address { address, .. } => counted(*address),
            _ => Vec::new(),
        };
        let (server, other) = match self {
            Self::Server { server } => (server, &[][..]),
            Self::Client { server, client_id } => (server, client_id.as_bytes()),
            Self::Address { server, .. } => (server, &address[..]),
        };
        let kind = self.kind().byte();
        let mut hash = Sha256::new().chain_update(TAG).chain_update([kind]).chain_update(window.number.to_be_bytes());
        for name in [server.as_bytes(), other] {
            hash = hash.chain_update((name.len() as u64).to_be_bytes()).chain_update(name);
        }
        let mut id: [u8; 32] = hash.finalize().into();
        id.rotate_right(1);
        id[0] = kind;
        id
    }
}

impl Window {
    /// The minute of a time.
    pub const fn at(now_ms: TimestampMs) -> Self {
        Self { number: now_ms / MINUTE_MS }
    }

    /// When it has ended, in milliseconds since the Unix epoch.
    pub const fn ends_ms(self) -> TimestampMs {
        self.number.saturating_add(1).saturating_mul(MINUTE_MS)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn buckets_are_told_apart_by_kind_names_and_minute() {
        let address = Some(IpAddr::from([1, 2, 3, 4]));
        let buckets = [
            Bucket::Server { server: "a" },
            Bucket::Server { server: "ab" },
            Bucket::Client { server: "a", client_id: "b" },
            Bucket::Client { server: "ab", client_id: "" },
            Bucket::Client { server: "", client_id: "ab" },
            Bucket::Client { server: "a", client_id: "\u{1}\u{2}\u{3}\u{4}" },
            Bucket::Address { server: "a", address },
            Bucket::Address { server: "a", address: None },
            Bucket::Address { server: "b", address: None },
        ];
        let windows = [Window::at(0), Window::at(60_000)];
        let ids = windows.iter().flat_map(|window| buckets.iter().map(|bucket| bucket.id(*window)));
        assert_eq!(ids.collect::<BTreeSet<_>>().len(), 18);
        assert!(buckets.iter().all(|bucket| Kind::of(&bucket.id(windows[0])) == bucket.kind()));
    }

    #[test]
    fn a_window_is_a_minute_of_the_clock() {
        assert_eq!(Window::at(59_999), Window::at(0));
        assert_eq!(Window::at(59_999).ends_ms(), 60_000);
        assert_eq!(Window::at(60_000).ends_ms(), 120_000);
        assert_eq!(Window::at(u64::MAX).ends_ms(), u64::MAX);
    }
}
