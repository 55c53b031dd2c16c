//! What the design wants calls to cost at most, and what they do.

use std::fmt::{Result, Write};

use super::{LOAD_PS_PER_BYTE, NODE_LOAD_PS_PER_BYTE, picoseconds};
use crate::measure::Costs;

/// Bytes of the registry's code.
const REGISTRY_CODE_MAX_BYTES: u64 = 90_000;

const SELF_REGISTRATION: &str = "Register, initial key alone";

/// A call with an aim.
struct Aim {
    what: &'static str,
    /// Picoseconds at most.
    at_most_ps: u64,
    /// Picoseconds measured.
    measured_ps: u64,
    /// The contracts that take part in the call.
    contracts: &'static [&'static str],
}

fn aims(costs: &Costs) -> [Aim; 5] {
    let (registry, access) = (&costs.registry, &costs.access);
    let aim = |what, at_most_ps, measured_ps, contracts| Aim { what, at_most_ps, measured_ps, contracts };
    [
        aim(
            "self-registration",
            3_000_000_000,
            registry.operation(SELF_REGISTRATION).direct.ref_time_ps,
            &["did_registry"],
        ),
        aim("sponsored registration, mean", 11_000_000_000, mean(&registry.sponsored_ps), &["did_registry", "ed25519"]),
        aim("status read", 1_500_000_000, registry.read("status, small device").ref_time_ps, &["did_registry"]),
        aim(
            "verifying a token of an Ed25519 key, mean",
            12_000_000_000,
            mean(&access.ed25519_ps),
            &["access_control", "did_registry", "ed25519"],
        ),
        aim(
            "verifying a token of an Sr25519 key",
            5_000_000_000,
            access.verify_sr25519.ref_time_ps,
            &["access_control", "did_registry"],
        ),
    ]
}

/// Writes the aims.
pub fn write(text: &mut String, costs: &Costs) -> Result {
    writeln!(
        text,
        "\n## Aims\n\n\
         | what | aim | measured | of it loading code | the rest | loading by the node's weights | reached |\n\
         |---|---|---|---|---|---|---|"
    )?;
    for Aim { what, at_most_ps, measured_ps, contracts } in aims(costs) {
        let bytes = costs.code_bytes(contracts);
        let load_ps = bytes * LOAD_PS_PER_BYTE;
        writeln!(
            text,
            "| {what} | ≤ {} ps | {} ps | {} ps | {} ps | {} ps | {} |",
            picoseconds(at_most_ps),
            picoseconds(measured_ps),
            picoseconds(load_ps),
            picoseconds(measured_ps.saturating_sub(load_ps)),
            picoseconds(bytes * NODE_LOAD_PS_PER_BYTE),
            reached(measured_ps, at_most_ps)
        )?;
    }
    let code_bytes = costs.code_bytes(&["did_registry"]);
    let is_reached = reached(code_bytes, REGISTRY_CODE_MAX_BYTES);
    writeln!(
        text,
        "| size of the registry's code | ≤ {REGISTRY_CODE_MAX_BYTES} bytes | {code_bytes} bytes | | | | {is_reached} |"
    )?;
    write_explanation(text, costs)
}

fn write_explanation(text: &mut String, costs: &Costs) -> Result {
    let (sponsored, ed25519) = (&costs.registry.sponsored_ps, &costs.access.ed25519_ps);
    writeln!(
        text,
        "\n\
         The times are of the smallest device. Sponsored registration is the mean of {} devices, {} ps;\n\
         verifying with Ed25519 that of {} tokens, {} ps. A token has one audience, one scope and {} bytes, and\n\
         verifying it is the whole call, with what the registry and `ed25519` are asked for it. Loading the code is {LOAD_PS_PER_BYTE} ps\n\
         for each byte of each contract that takes part, by the weights of pallet-contracts 31.",
        sponsored.len(),
        range(sponsored),
        ed25519.len(),
        range(ed25519),
        costs.access.token_bytes,
    )
}

fn mean(samples: &[u64]) -> u64 {
    samples.iter().sum::<u64>() / samples.len() as u64
}

fn range(samples: &[u64]) -> String {
    let (least, most) = (samples.iter().min().copied().unwrap_or(0), samples.iter().max().copied().unwrap_or(0));
    format!("from {} to {}", picoseconds(least), picoseconds(most))
}

const fn reached(measured: u64, aim: u64) -> &'static str {
    if measured <= aim { "yes" } else { "**no**" }
}
