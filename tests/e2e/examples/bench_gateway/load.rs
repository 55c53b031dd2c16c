//! Load from many connections at once, for some seconds.

use std::time::Duration;

use futures::future::try_join_all;
use hyper::Uri;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{Result, connection::Connection, measured::Measured, requests::Requests};

/// Load before the counted interval, while connections are opened.
pub const RUN_IN: Duration = Duration::from_secs(1);
/// How long the last answers may take, once the load is over.
const PATIENCE: Duration = Duration::from_secs(60);

/// When a connection sends its next request.
#[derive(Clone, Copy)]
pub enum Pace {
    /// When the one before is answered.
    AsAnswered,
    /// At times fixed in advance, in turn with the other connections: so many a second, by all together. One that is still waiting
    /// for an answer at its time sends right after it, and its latency counts from that time: a slow server is not spared.
    Steady { per_second: f64 },
}

/// A load and how long it is counted.
#[derive(Clone, Copy)]
pub struct Load<'a> {
    pub url: &'a Uri,
    pub requests: &'a Requests,
    pub connections: usize,
    pub pace: Pace,
    pub counted: Duration,
}

impl Load<'_> {
    /// Makes the load. Counted are the requests that begin within the interval.
    pub async fn run(self) -> Result<Measured> {
        let begins = Instant::now();
        let from = begins + RUN_IN;
        let until = from + self.counted;
        let turns = (0..self.connections).map(|number| self.connection(Turns::new(self, number, begins), from, until));
        let parts = timeout_at(until + PATIENCE, try_join_all(turns))
            .await
            .map_err(|_| "the server leaves requests unanswered for a minute")??;
        let mut whole = Measured::new(self.counted);
        parts.into_iter().for_each(|part| whole.add(part));
        Ok(whole)
    }

    async fn connection(self, mut turns: Turns, from: Instant, until: Instant) -> Result<Measured> {
        let mut measured = Measured::new(self.counted);
        let mut connection = Connection::open(self.url).await?;
        loop {
            let began = turns.next().await;
            if began >= until {
                return Ok(measured);
            }
            let outcome = connection.send(self.requests.next()?).await;
            let latency = began.elapsed();
            if outcome.is_err() {
                connection = Connection::open(self.url).await?;
            }
            if began >= from {
                match outcome {
                    Ok(answer) => measured.answered(&answer, latency),
                    Err(error) => measured.failed(error.to_string()),
                }
            }
        }
    }
}

/// The times at which one connection sends.
struct Turns {
    next: Instant,
    /// Between two requests of the connection; none where it doesn't wait.
    interval: Option<Duration>,
}

impl Turns {
    fn new(load: Load<'_>, number: usize, begins: Instant) -> Self {
        let Pace::Steady { per_second } = load.pace else {
            return Self { next: begins, interval: None };
        };
        let seconds = |requests: usize| Duration::from_secs_f64(requests as f64 / per_second);
        Self { next: begins + seconds(number), interval: Some(seconds(load.connections)) }
    }

    /// Waits for the next turn, and tells from when on its latency counts.
    async fn next(&mut self) -> Instant {
        let Some(interval) = self.interval else { return Instant::now() };
        let due = self.next;
        self.next += interval;
        if due <= Instant::now() {
            return due;
        }
        // The timer is up to a millisecond late, which is none of the server's.
        sleep_until(due).await;
        Instant::now()
    }
}
