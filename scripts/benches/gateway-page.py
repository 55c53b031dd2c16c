"""Writes docs/gateway-speed.md from what scripts/benches/gateway measured: gateway-page.py FOLDER OUR_MEGABYTES THEIR_MEGABYTES."""

import json
import os
import sys
from pathlib import Path

folder, ours, theirs = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
FLOWS = {"secret": "client_secret_basic", "key": "private_key_jwt (Ed25519)"}
SERVERS = {"gateway": "the gateway", "oidc": "oidc-provider"}


def rounds(server: str, flow: str) -> list[dict]:
    return [json.loads((folder / f"{server}-{flow}-{number}.json").read_text()) for number in (1, 2)]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def row(name: str, label: str, measured: list[dict]) -> str:
    errors = sum(one["errors"] for one in measured)
    numbers = [f"{mean([one[key] for one in measured]):,.{digits}f}" for key, digits in (("rate", 0), ("p50_ms", 2), ("p99_ms", 2))]
    return f"| {name} | {label} | {' | '.join(numbers)} | {errors} |"


def table(flow: str) -> list[str]:
    lines = ["| server | connections | tokens/s | p50 ms | p99 ms | failed |", "|---|---:|---:|---:|---:|---:|"]
    for server, name in SERVERS.items():
        both = rounds(server, flow)
        for place in range(len(both[0]["unpaced"])):
            measured = [one["unpaced"][place] for one in both]
            lines.append(row(name, str(measured[0]["connections"]), measured))
        lines.append(row(name, "256, at half its highest rate", [one["paced"] for one in both]))
    return lines


def highest(server: str, flow: str) -> float:
    return mean([max(measured["rate"] for measured in one["unpaced"]) for one in rounds(server, flow)])


cryptography = json.loads((folder / "cryptography.json").read_text())
sign, verify = cryptography["sign_us"], cryptography["verify_us"]
cores = os.cpu_count()
bound = {"secret": cores * 1e6 / sign, "key": cores * 1e6 / (sign + verify)}
lines = [
    "# How fast the gateway gives tokens",
    "",
    f"Written by `scripts/bench gateway` on {cores} cores, on which the servers and the load ran together, in two rounds in turns; means of both.",
    "The gateway keeps its state in SQLite on disk: each token is in the log, and each assertion used up, before it is given out",
    "(`synchronous = FULL`), and each request is decided at the chain's finalized head, asked for over JSON-RPC. oidc-provider (npm, one process)",
    "keeps its state in memory and writes no log. Both give JWTs signed with Ed25519, over HTTP without TLS. The load is one thread.",
    "",
]
for flow, name in FLOWS.items():
    ratio, share = highest("gateway", flow) / highest("oidc", flow), highest("gateway", flow) / bound[flow]
    lines += [f"## {name}", "", *table(flow), ""]
    lines += [f"At the highest rates: {ratio:.1f} times oidc-provider, and {share:.0%} of what the cryptography alone allows on all cores.", ""]
lines += [
    "## Beside it",
    "",
    f"Signing takes {sign:.1f} µs and verifying {verify:.1f} µs (Ed25519, one core). Resident memory after all this: the gateway {ours} MB, oidc-provider {theirs} MB.",
]
print("\n".join(lines))
