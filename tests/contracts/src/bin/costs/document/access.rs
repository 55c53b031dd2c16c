//! The tables of `access_control`, and of what asks it.

use std::fmt::{Result, Write};

use super::picoseconds;
use crate::measure::{AccessCosts, AccessOperationCost, Cost, GuardedCost, StationCosts};

/// Writes them.
pub fn write(text: &mut String, access: &AccessCosts, station: &StationCosts) -> Result {
    write_operations(text, access)?;
    write_reads(text, access)?;
    write_guarded(text, station)
}

fn write_operations(text: &mut String, access: &AccessCosts) -> Result {
    writeln!(
        text,
        "\n## Access: writes\n\n\
         The authorization server has one key, two scopes and a role. `reclaim` is without the price that its caller pays to who \
         revoked.\n\n\
         | operation | ref_time | proof | deposit | events |\n|---|---:|---:|---:|---:|"
    )?;
    for AccessOperationCost { name, cost: Cost { ref_time_ps, proof_bytes, deposit, events } } in &access.operations {
        writeln!(text, "| {name} | {} | {proof_bytes} | {deposit} | {events} |", picoseconds(*ref_time_ps))?;
    }
    Ok(())
}

fn write_reads(text: &mut String, access: &AccessCosts) -> Result {
    writeln!(
        text,
        "\n## Access: reads\n\n\
         A client reads by a dry run and pays nothing; another contract pays this, and the call. The largest token says as much as\n\
         any: 4 audiences and 16 scopes of the most bytes.\n\n\
         | message | ref_time | proof |\n|---|---:|---:|"
    )?;
    for (name, Cost { ref_time_ps, proof_bytes, .. }) in &access.reads {
        writeln!(text, "| {name} | {} | {proof_bytes} |", picoseconds(*ref_time_ps))?;
    }
    Ok(())
}

fn write_guarded(text: &mut String, station: &StationCosts) -> Result {
    writeln!(
        text,
        "\n## What a guard costs\n\n\
         The calls of the charging station, whose guard has `access_control` verify a token when a session starts, and check it\n\
         later. \"Asked\" is what the same question costs when `access_control` is asked directly; \"the rest\" is the station's own code,\n\
         what it stores and pays, and the call. The call itself costs {} ps: a recheck, less reading the session, less the check.\n\n\
         | call | ref_time | asked | the rest | proof | deposit | events |\n|---|---:|---:|---:|---:|---:|---:|",
        picoseconds(station.call_ps)
    )?;
    for GuardedCost { name, whole, asked_ps } in &station.calls {
        let Cost { ref_time_ps, proof_bytes, deposit, events } = *whole;
        let (time, asked) = (picoseconds(ref_time_ps), asked_ps.map(picoseconds).unwrap_or_default());
        let rest = picoseconds(ref_time_ps.saturating_sub(asked_ps.unwrap_or_default()));
        writeln!(text, "| {name} | {time} | {asked} | {rest} | {proof_bytes} | {deposit} | {events} |")?;
    }
    Ok(())
}
