//! How much memory a million devices take.

use std::fs;

use marque_sdk::{
    VerifierConfig,
    verifier::{Limits, Moment, View},
};

use crate::{
    Result,
    fleet::{self, PER_BLOCK, START_MS},
    reached,
};

const DEVICES: u32 = 1_000_000;
const MB: f64 = 1e6;
const AIM_MB: f64 = 200.0;

pub fn report() -> Result<()> {
    let config = VerifierConfig::default();
    let limits = Limits {
        age_max_ms: u64::MAX,
        block_age_max_ms: None,
        skew_max_ms: 30_000,
        devices_max: config.devices_max,
        tokens_max: config.tokens_max,
    };
    let before = resident_bytes()?;
    let now = Moment { wall_ms: START_MS, uptime_ms: 0 };
    let mut view = View::begin(fleet::origin(), now, limits);
    for number in 1..=DEVICES / PER_BLOCK {
        view.apply(&fleet::registrations(number))?;
    }
    let taken = resident_bytes()?.saturating_sub(before) as f64 / MB;
    let known = view.status(&now).devices;
    println!("## Memory\n");
    println!(
        "A view that is told of {known} devices of one key each: {taken:.0} MB more resident than before, {:.0} bytes for each. Aim: within \
         {AIM_MB:.0} MB: {}.",
        taken * MB / f64::from(DEVICES),
        reached(known == DEVICES as usize && taken <= AIM_MB)
    );
    Ok(())
}

/// What the process has in memory, as Linux says.
fn resident_bytes() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("there is no VmRSS")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).ok_or("VmRSS is empty")?.parse()?;
    Ok(kilobytes * 1024)
}
