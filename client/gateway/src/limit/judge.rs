//! What becomes of a request, given how many there were.

use marque_sdk::primitives::TimestampMs;
use serde_json::{Value, json};

use super::{Kind, Limits, Window};

/// How many requests there were in a minute, with this one: of each kind, as far as it was counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counts {
    /// The minute.
    pub window: Window,
    /// From this address.
    pub address: Option<u32>,
    /// At this authorization server.
    pub server: Option<u32>,
    /// By this client.
    pub client: Option<u32>,
}

/// What becomes of a request, and what the tightest of the limits leaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// How many requests the tightest limit allows in a minute.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// When the minute ends, in seconds since the Unix epoch.
    pub reset_s: u64,
    /// The limits of which a warning is due. Each is named once in a minute: for the request that comes so close.
    pub warnings: Vec<Kind>,
    /// The limit that the request is over, if it is refused: the tightest.
    pub refused: Option<Kind>,
    /// Whether this is the first request in the minute that is over that limit. Further ones need not be written down.
    pub is_first_refused: bool,
}

/// How long a client must wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there were too many requests: wait for {seconds} seconds")]
pub struct Wait {
    /// In seconds, 1 at least: the value of `Retry-After`.
    pub seconds: u64,
}

/// One limit, and how many requests there were.
#[derive(Clone, Copy)]
struct Level {
    kind: Kind,
    limit: u32,
    count: u32,
}

impl Limits {
    /// What becomes of a request. It is refused if it is over any limit.
    pub fn judge(&self, counts: &Counts) -> Judged {
        let per_client = share(self.per_server, self.per_client_percent);
        let all = [
            (Kind::Server, self.per_server, counts.server),
            (Kind::Client, per_client, counts.client),
            (Kind::Address, self.per_address, counts.address),
        ];
        let levels = all.into_iter().filter_map(|(kind, limit, count)| Some(Level { kind, limit, count: count? }));
        let levels: Vec<Level> = levels.collect();
        let is_warned = |level: &&Level| level.count == share(level.limit, self.warn_percent);
        let warnings = levels.iter().filter(is_warned).map(|level| level.kind).collect();
        // Where nothing was counted, all that the server allows is left.
        let none = Level { kind: Kind::Server, limit: self.per_server, count: 0 };
        let tightest = levels.into_iter().min_by_key(Level::left).unwrap_or(none);
        Judged {
            limit: tightest.limit,
            remaining: tightest.limit.saturating_sub(tightest.count),
            reset_s: counts.window.ends_ms() / 1000,
            warnings,
            refused: (tightest.left() < 0).then_some(tightest.kind),
            is_first_refused: tightest.left() == -1,
        }
    }
}

impl Level {
    /// How many requests are left; fewer than none if there were too many.
    fn left(&self) -> i64 {
        i64::from(self.limit) - i64::from(self.count)
    }
}

impl Judged {
    /// The headers of every answer, as Okta has them.
    pub fn headers(&self) -> [(&'static str, String); 3] {
        [
            ("x-rate-limit-limit", self.limit.to_string()),
            ("x-rate-limit-remaining", self.remaining.to_string()),
            ("x-rate-limit-reset", self.reset_s.to_string()),
        ]
    }

    /// How long to wait, if the request is refused.
    pub fn wait(&self, now_ms: TimestampMs) -> Option<Wait> {
        self.refused.map(|_| Wait::until(self.reset_s.saturating_mul(1000), now_ms))
    }
}

impl Wait {
    /// From now until then, in whole seconds, and 1 at least.
    pub(super) fn until(then_ms: TimestampMs, now_ms: TimestampMs) -> Self {
        Self { seconds: then_ms.saturating_sub(now_ms).div_ceil(1000).max(1) }
    }

    /// The body of the answer, 429, as Okta has it.
    pub fn body() -> Value {
        json!({
            "errorCode": "E0000047",
            "errorSummary": "API call exceeded rate limit due to too many requests.",
            "errorLink": "E0000047",
            "errorCauses": [],
        })
    }
}

/// Some percent of a number: rounded up, and 1 at least.
fn share(of: u32, percent: u32) -> u32 {
    let share = (u64::from(of) * u64::from(percent)).div_ceil(100).max(1);
    u32::try_from(share).unwrap_or(u32::MAX)
}
