//! Progress on stderr: a bar on a terminal, a plain line now and then elsewhere, nothing with `--json`.

use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

/// How often a plain line is written at most.
const LINE_INTERVAL: Duration = Duration::from_secs(2);

/// What may take so long without a word.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);

/// The progress of something that is done in countable steps.
pub struct Progress {
    view: View,
    total: u64,
    done: u64,
    started: Instant,
}

enum View {
    Bar(ProgressBar),
    Lines { last: Instant },
    Silent,
}

impl Progress {
    /// Starts at zero of `total`.
    pub fn start(total: u64, silent: bool) -> Self {
        let started = Instant::now();
        let view = if silent {
            View::Silent
        } else if std::io::stderr().is_terminal() {
            View::Bar(bar(total))
        } else {
            View::Lines { last: started }
        };
        Self { view, total, done: 0, started }
    }

    /// `count` more are done.
    pub fn advance(&mut self, count: u64) {
        self.done = self.done.saturating_add(count);
        match &mut self.view {
            View::Bar(bar) => bar.inc(count),
            View::Lines { last } if last.elapsed() >= LINE_INTERVAL => {
                *last = Instant::now();
                let rate = per_second(self.done, self.started.elapsed());
                // Nobody to tell when stderr is gone.
                let _ = writeln!(std::io::stderr(), "{} of {} done, {rate:.0}/s", self.done, self.total);
            }
            View::Lines { .. } | View::Silent => {}
        }
    }

    /// Ends the display; gives how long it took.
    pub fn finish(self) -> Duration {
        if let View::Bar(bar) = &self.view {
            bar.finish_and_clear();
        }
        self.started.elapsed()
    }
}

/// Waits for something that is usually done at once. On a terminal it says so once it takes longer than a second.
pub async fn waiting<T>(silent: bool, what: &'static str, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    if silent || !std::io::stderr().is_terminal() {
        return work.await;
    }
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(PATIENCE) => {}
    }
    // It goes when it is dropped, which is when nobody waits any more.
    let spinner = ProgressBar::new_spinner().with_message(what).with_finish(ProgressFinish::AndClear);
    spinner.enable_steady_tick(TICK);
    work.await
}

fn bar(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {per_sec}  {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}

/// `count` in `elapsed` as a rate; 0 if no time has passed.
pub fn per_second(count: u64, elapsed: Duration) -> f64 {
    let secs = elapsed.as_secs_f64();
    if secs > 0.0 { count as f64 / secs } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_no_time_is_zero() {
        assert_eq!(per_second(5, Duration::ZERO), 0.0);
        assert_eq!(per_second(5, Duration::from_secs(2)), 2.5);
    }
}
