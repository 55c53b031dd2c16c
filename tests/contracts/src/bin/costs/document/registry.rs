//! The registry's tables.

use std::fmt::{Result, Write};

use super::picoseconds;
use crate::measure::{Cost, OperationCost, RegistryCosts};

/// Writes them.
pub fn write(text: &mut String, costs: &RegistryCosts) -> Result {
    writeln!(
        text,
        "\n## The registry: writes to a small device\n\n\
         The device has its initial key alone; an account controls it. The first two lines make a new device.\n"
    )?;
    write_operations(text, &costs.operations)?;
    writeln!(
        text,
        "\n## The registry: writes to the largest device\n\n\
         16 keys, 8 services with the longest texts, metadata: a record of about 4 kB.\n"
    )?;
    write_operations(text, &costs.largest)?;
    write_batches(text, costs)?;
    write_reads(text, costs)
}

fn write_operations(text: &mut String, operations: &[OperationCost]) -> Result {
    writeln!(
        text,
        "| operation | ref_time, called | signed | proof, called | signed | deposit, called | signed | events |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|"
    )?;
    for OperationCost { name, direct, signed } in operations {
        writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} | {} | {} |",
            picoseconds(direct.ref_time_ps),
            picoseconds(signed.ref_time_ps),
            direct.proof_bytes,
            signed.proof_bytes,
            direct.deposit,
            signed.deposit,
            direct.events,
        )?;
    }
    Ok(())
}

fn write_batches(text: &mut String, costs: &RegistryCosts) -> Result {
    writeln!(
        text,
        "\n## The registry: batches of signed registrations\n\n\
         Each device with its initial key alone, controlled by an account.\n\n\
         | devices | ref_time | per device | proof | deposit | events |\n|---:|---:|---:|---:|---:|---:|"
    )?;
    for batch in &costs.batches {
        let Cost { ref_time_ps, proof_bytes, deposit, events } = batch.whole;
        let per_device = picoseconds(ref_time_ps / batch.devices as u64);
        let whole = picoseconds(ref_time_ps);
        writeln!(text, "| {} | {whole} | {per_device} | {proof_bytes} | {deposit} | {events} |", batch.devices)?;
    }
    Ok(())
}

fn write_reads(text: &mut String, costs: &RegistryCosts) -> Result {
    writeln!(
        text,
        "\n## The registry: reads\n\nA client reads by a dry run and pays nothing; another contract pays this.\n\n\
         | message | ref_time | proof |\n|---|---:|---:|"
    )?;
    for (name, Cost { ref_time_ps, proof_bytes, .. }) in &costs.reads {
        writeln!(text, "| {name} | {} | {proof_bytes} |", picoseconds(*ref_time_ps))?;
    }
    let floor = costs.floor;
    writeln!(text, "| unknown message | {} | {} |", picoseconds(floor.ref_time_ps), floor.proof_bytes)
}
