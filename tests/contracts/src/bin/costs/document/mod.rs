//! The document.

mod access;
mod aims;
mod registry;

use std::fmt::{Result, Write};

use crate::measure::{CodeCost, Cost, Costs};

/// What pallet-contracts 31 takes for loading each byte of a contract's code, in every call (`call_with_code_per_byte`
/// of its weights).
const LOAD_PS_PER_BYTE: u64 = 33_471;
/// The same in pallet-contracts 38, which the node runs.
const NODE_LOAD_PS_PER_BYTE: u64 = 700;

/// The document's text.
pub fn render(costs: &Costs) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut text, costs);
    text
}

fn write_all(text: &mut String, costs: &Costs) -> Result {
    write_introduction(text)?;
    aims::write(text, costs)?;
    registry::write(text, &costs.registry)?;
    access::write(text, &costs.access, &costs.station)?;
    write_codes(text, &costs.codes)
}

fn write_introduction(text: &mut String) -> Result {
    writeln!(
        text,
        "\
# What the contracts cost

Written by `scripts/bench costs`; `scripts/bench costs --check` fails when the committed bundles cost anything else. Do not edit.

How it is measured: the committed bundles run on drink 0.18, an in-memory chain with pallet-contracts 31. Keys, signatures,
times and block numbers are fixed, so that each run gives the same numbers. `ref_time` is the execution time that the chain
charges for the call, in picoseconds (1e12 are a second; a block has 1.5e12 for normal transactions). It is without the
base weight of the extrinsic and its signature, which every transaction pays. The proof size is in bytes. The deposit is in
units of one per stored byte and one per stored item; a minus is a refund to who called.

What to keep in mind:

- **The node has a newer pallet-contracts (38).** It charges other weights, and most of them are lower: loading a byte of code
  is {NODE_LOAD_PS_PER_BYTE} ps there and {LOAD_PS_PER_BYTE} ps here; executing an instruction is about half. On the
  node the same calls are cheaper. These tables serve to compare one build with another, and are an upper bound, not a forecast.
- Loading the code is a large part of each small call here, and it is charged for each contract that takes part in a call:
  `access_control` asks the registry, and the contract `ed25519` when there is such a signature to check; a guarded contract asks
  `access_control`. The lines \"unknown message\" are the floor: what a call costs before any code of the contract runs.
- Verifying Ed25519 runs in the contract `ed25519`, an instruction at a time; verifying Sr25519 is a function of the chain. Another
  key or signature moves Ed25519 by about 1 %, and so does each new build: what is signed has a contract's account, which follows
  from its code.
- \"Signed\" is submitted by a sponsor in a lane that the device already uses. The first operation of a lane keeps 8 bytes
  for each lane up to it that was not in use; the lines of registrations have them.
- The node asks 5,000,000 units for a byte and 100,000,000,000 for an item (1e12 are one token). Items are devices, authorization
  servers, scopes, roles, trusts, revoked tokens, all grants of a device together, and the time before which its tokens are revoked.
  What is refunded is a share of what the contract's bytes and items cost, each rounded down: here it may be a unit or two less than
  what was taken.
- The proof size is what the weights charge, nearly all of it the contracts' code."
    )
}

fn write_codes(text: &mut String, codes: &[CodeCost]) -> Result {
    writeln!(
        text,
        "\n## The contracts\n\n\
         The deposit is for the code and the new contract; the code's is its uploader's, and is refunded when the code is removed.\n\
         Loading is what each call of the contract is charged for its code: here, and by the weights of the node.\n\n\
         | contract | code | loading it | on the node | instantiation, without the upload | proof | deposit |\n\
         |---|---:|---:|---:|---:|---:|---:|"
    )?;
    for CodeCost { contract, bytes, deploy } in codes {
        let Cost { ref_time_ps, proof_bytes, deposit, .. } = *deploy;
        let load = |ps_per_byte: u64| picoseconds(*bytes as u64 * ps_per_byte);
        let (here, there) = (load(LOAD_PS_PER_BYTE), load(NODE_LOAD_PS_PER_BYTE));
        let instantiation = picoseconds(ref_time_ps);
        writeln!(
            text,
            "| {contract} | {bytes} bytes | {here} | {there} | {instantiation} | {proof_bytes} | {deposit} |"
        )?;
    }
    Ok(())
}

/// Picoseconds as multiples of 1e9, with all that matters of the digits.
fn picoseconds(ps: u64) -> String {
    format!("{}.{:03}e9", ps / 1_000_000_000, ps % 1_000_000_000 / 1_000_000)
}
