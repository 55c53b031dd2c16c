//! Medians of rounds in which what is compared takes turns.

use std::time::Instant;

/// Rounds of each.
pub const ROUNDS: usize = 9;

/// Something that is timed as a whole.
pub type Timed<'a> = Box<dyn Fn() + 'a>;

/// Seconds for one of `count`, of each row. All rows have their turn in each round, after one that is not counted.
pub fn medians(rows: &[(&str, Timed<'_>)], count: usize) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(ROUNDS); rows.len()];
    for round in 0..=ROUNDS {
        for ((_, run), times) in rows.iter().zip(&mut times) {
            let started = Instant::now();
            run();
            let seconds = started.elapsed().as_secs_f64() / count as f64;
            if round > 0 {
                times.push(seconds);
            }
        }
    }
    times.iter_mut().map(|times| median(times)).collect()
}

/// The median.
pub fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
