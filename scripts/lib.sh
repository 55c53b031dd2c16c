# Shared by the scripts: where things are, and how to say what is going on. Sourced, never run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Outside the clone, so that a fresh clone on a machine that has built Marque before starts warm.
cache=${MARQUE_CACHE:-$HOME/.cache/marque}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
# The contracts' toolchain is another one, and its artefacts must not meet the host's.
contracts_target=$cache/contracts

say() { printf '\n== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
        die "this needs root: run '$*' yourself and try again"
    fi
}

# find_tool VARIABLE NAME: prints the path of a prebuilt tool, from the variable, PATH, or a folder beside the clone.
find_tool() {
    local given=${!1:-}
    if [ -n "$given" ]; then
        [ -x "$given" ] || die "$1 is set to '$given', which is no program"
        printf '%s\n' "$given"
    elif command -v "$2" >/dev/null; then
        command -v "$2"
    elif [ -x "$root/../shared/bin/$2" ]; then
        printf '%s\n' "$root/../shared/bin/$2"
    else
        return 1
    fi
}
