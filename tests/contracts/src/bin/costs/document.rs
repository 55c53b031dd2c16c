//! The document.

use std::fmt::Write;

use crate::measure::{Cost, Costs, OperationCost};

/// What a call costs at most, as the design wants it: picoseconds.
const SELF_REGISTRATION_MAX_PS: u64 = 3_000_000_000;
const SPONSORED_MAX_PS: u64 = 11_000_000_000;
const STATUS_MAX_PS: u64 = 1_500_000_000;
/// Bytes of code.
const CODE_MAX_BYTES: u64 = 90_000;

/// What pallet-contracts 31 takes for loading each byte of a contract's code, in every call (`call_with_code_per_byte`
/// of its weights).
const LOAD_PS_PER_BYTE: u64 = 33_471;
/// The same in pallet-contracts 38, which the node runs.
const NODE_LOAD_PS_PER_BYTE: u64 = 700;

const SELF_REGISTRATION: &str = "Register, initial key alone";

/// The document's text.
pub fn render(costs: &Costs) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut text, costs);
    text
}

fn write_all(text: &mut String, costs: &Costs) -> std::fmt::Result {
    write_introduction(text)?;
    write_aims(text, costs)?;
    writeln!(text, "\n## Writes to a small device\n")?;
    writeln!(
        text,
        "The device has its initial key alone; an account controls it. The first two lines make a new device.\n"
    )?;
    write_operations(text, &costs.operations)?;
    writeln!(text, "\n## Writes to the largest device\n")?;
    writeln!(text, "16 keys, 8 services with the longest texts, metadata: a record of about 4 kB.\n")?;
    write_operations(text, &costs.largest)?;
    write_batches(text, costs)?;
    write_reads(text, costs)?;
    write_code(text, costs)
}

fn write_introduction(text: &mut String) -> std::fmt::Result {
    writeln!(
        text,
        "\
# What the registry costs

Written by `scripts/bench costs`; `scripts/bench costs --check` fails when the committed bundle costs anything else. Do not edit.

How it is measured: the committed bundle runs on drink 0.18, an in-memory chain with pallet-contracts 31. Keys, signatures,
times and block numbers are fixed, so that each run gives the same numbers. `ref_time` is the execution time that the chain
charges for the call, in picoseconds (1e12 are a second; a block has 1.5e12 for normal transactions). It is without the
base weight of the extrinsic and its signature, which every transaction pays. The proof size is in bytes. The deposit is in
units of one per stored byte and one per stored item; a minus is a refund to who called.

What to keep in mind:

- **The node has a newer pallet-contracts (38).** It charges other weights, and most of them are lower: loading a byte of code
  is {NODE_LOAD_PS_PER_BYTE} ps there and {LOAD_PS_PER_BYTE} ps here, in every call; executing an instruction is about half. On the
  node the same calls are cheaper. These tables serve to compare one build with another, and are an upper bound, not a forecast.
- Loading the code is a large part of each small call here. The line \"unknown message\" is the floor: what a call costs before any
  code of the registry runs.
- Verifying Ed25519 runs in the contract. Another key or signature moves it by about 1 %, and so does each
  new build: what is signed has the contract's account, which follows from its code.
- \"Signed\" is submitted by a sponsor in a lane that the device already uses. The first operation of a lane keeps 8 bytes
  for each lane up to it that was not in use; the lines of registrations have them.
- The node asks 5,000,000 units for a byte and 100,000,000,000 for an item (1e12 are one token). A registration
  stores one item; no other operation adds or removes one. What is
  refunded is a share of what the contract's bytes cost, rounded down: here it may be one unit less than what was taken.
- The proof size is what the weights charge, nearly all of it the contract's code."
    )
}

fn write_aims(text: &mut String, costs: &Costs) -> std::fmt::Result {
    let registration = costs.operation(SELF_REGISTRATION);
    let code_bytes = costs.code_bytes as u64;
    let load_ps = code_bytes * LOAD_PS_PER_BYTE;
    writeln!(
        text,
        "\n## Aims\n\n| what | aim | measured | of it loading the code | the rest | reached |\n|---|---|---|---|---|---|"
    )?;
    let sponsored = &costs.sponsored_ps;
    let mean = sponsored.iter().sum::<u64>() / sponsored.len() as u64;
    let times = [
        ("self-registration", SELF_REGISTRATION_MAX_PS, registration.direct.ref_time_ps),
        ("sponsored registration, mean", SPONSORED_MAX_PS, mean),
        ("status read", STATUS_MAX_PS, costs.read("status, small device").ref_time_ps),
    ];
    for (what, aim, measured) in times {
        writeln!(
            text,
            "| {what} | ≤ {} ps | {} ps | {} ps | {} ps | {} |",
            picoseconds(aim),
            picoseconds(measured),
            picoseconds(load_ps),
            picoseconds(measured.saturating_sub(load_ps)),
            reached(measured, aim)
        )?;
    }
    let is_reached = reached(code_bytes, CODE_MAX_BYTES);
    writeln!(text, "| size of the code | ≤ {CODE_MAX_BYTES} bytes | {code_bytes} bytes | | | {is_reached} |")?;
    writeln!(
        text,
        "\nThe three times are of the smallest device. Sponsored registration is the mean of {} devices, from {} to {} ps.
Loading the code is {LOAD_PS_PER_BYTE} ps for each of its bytes, by the weights of pallet-contracts 31; by those of the node it would
be {} ps in all.",
        sponsored.len(),
        picoseconds(sponsored.iter().min().copied().unwrap_or(0)),
        picoseconds(sponsored.iter().max().copied().unwrap_or(0)),
        picoseconds(code_bytes * NODE_LOAD_PS_PER_BYTE)
    )
}

const fn reached(measured: u64, aim: u64) -> &'static str {
    if measured <= aim { "yes" } else { "**no**" }
}

fn write_operations(text: &mut String, operations: &[OperationCost]) -> std::fmt::Result {
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

fn write_batches(text: &mut String, costs: &Costs) -> std::fmt::Result {
    writeln!(
        text,
        "\n## Batches of signed registrations\n\n\
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

fn write_reads(text: &mut String, costs: &Costs) -> std::fmt::Result {
    writeln!(
        text,
        "\n## Reads\n\nA client reads by a dry run and pays nothing; another contract pays this.\n\n\
         | message | ref_time | proof |\n|---|---:|---:|"
    )?;
    for (name, Cost { ref_time_ps, proof_bytes, .. }) in &costs.reads {
        writeln!(text, "| {name} | {} | {proof_bytes} |", picoseconds(*ref_time_ps))?;
    }
    let floor = costs.floor;
    writeln!(text, "| unknown message | {} | {} |", picoseconds(floor.ref_time_ps), floor.proof_bytes)
}

fn write_code(text: &mut String, costs: &Costs) -> std::fmt::Result {
    let Cost { ref_time_ps, proof_bytes, deposit, .. } = costs.deploy;
    writeln!(
        text,
        "\n## The contract\n\nThe deposit is for the code and the empty contract; the code's is its uploader's, and is refunded when the code is removed.\n\n\
         | code | instantiation, without the upload | proof | deposit |\n|---:|---:|---:|---:|\n\
         | {} bytes | {} ps | {proof_bytes} | {deposit} |",
        costs.code_bytes,
        picoseconds(ref_time_ps),
    )
}

/// Picoseconds as multiples of 1e9, with all that matters of the digits.
fn picoseconds(ps: u64) -> String {
    format!("{}.{:03}e9", ps / 1_000_000_000, ps % 1_000_000_000 / 1_000_000)
}
