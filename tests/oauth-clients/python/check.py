"""Shows that other people's Python clients and verifiers of tokens work with a gateway, unmodified: Authlib and PyJWT.

    python check.py gateway.json

gateway.json is described in ../node/check.mjs, and has "ca" besides: the path of the certificate of the authority that signed the
gateway's, which REQUESTS_CA_BUNDLE must name too. Prints a line for each thing shown; ends with status 1 at the first that is not as
expected.
"""

import json
import sys
import traceback
from pathlib import Path

import authentication
import discovery
import dpop
import lifecycle
import verification

STEPS = (
    discovery.discover,
    authentication.authenticate,
    dpop.bound_token,
    lifecycle.introspect_and_revoke,
    authentication.refusals,
    verification.verify,
)


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: check.py GATEWAY.json", file=sys.stderr)
        return 2
    gateway = json.loads(Path(sys.argv[1]).read_text())
    for step in STEPS:
        try:
            step(gateway)
        except Exception:
            print(f"not as expected, in {step.__name__}:", file=sys.stderr)
            traceback.print_exc()
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
