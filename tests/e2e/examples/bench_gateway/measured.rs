//! What a measurement found. Every latency is kept, so that percentiles are exact.

use std::time::Duration;

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::connection::Answer;

/// The latencies of tokens, and how many requests brought none.
pub struct Measured {
    counted: Duration,
    latencies: Vec<Duration>,
    errors: u64,
    first_error: Option<String>,
}

impl Measured {
    /// Nothing yet, of an interval of this length.
    pub fn new(counted: Duration) -> Self {
        Self { counted, latencies: Vec::new(), errors: 0, first_error: None }
    }

    /// Counts an answer: a token, or else an error.
    pub fn answered(&mut self, answer: &Answer, latency: Duration) {
        if answer.status == StatusCode::OK && holds_token(&answer.body) {
            self.latencies.push(latency);
        } else {
            self.failed(format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body)));
        }
    }

    /// Counts a request that brought no token.
    pub fn failed(&mut self, why: String) {
        self.errors += 1;
        self.first_error.get_or_insert(why);
    }

    /// Adds what another connection measured in the same interval.
    pub fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }

    /// Tokens a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.counted.as_secs_f64()
    }

    /// As JSON: the rate in tokens a second, latencies in milliseconds, errors with the first one's text.
    pub fn report(mut self, connections: usize) -> Value {
        self.latencies.sort_unstable();
        json!({
            "connections": connections,
            "rate": self.rate(),
            "p50_ms": percentile(&self.latencies, 0.50),
            "p99_ms": percentile(&self.latencies, 0.99),
            "max_ms": percentile(&self.latencies, 1.0),
            "tokens": self.latencies.len(),
            "errors": self.errors,
            "first_error": self.first_error,
        })
    }
}

/// The smallest latency, in milliseconds, that this share of all are not above; of sorted ones. None of none.
fn percentile(sorted: &[Duration], share: f64) -> Option<f64> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).map(|latency| latency.as_secs_f64() * 1e3)
}

fn holds_token(body: &[u8]) -> bool {
    const NAME: &[u8] = b"\"access_token\"";
    body.windows(NAME.len()).any(|part| part == NAME)
}
