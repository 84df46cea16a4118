"""`python -m core.access.audit verify [--anchor FILE]`: exit code 0 for a sound trail, 1 for a broken one."""

import argparse
import sys
from pathlib import Path

from core.access.audit import sealing, verifying
from core.kernel.actor import Actor


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m core.access.audit", description="Seal or prove the audit trail.")
    parser.add_argument("command", choices=["verify", "seal"])
    parser.add_argument("--anchor", type=Path, help="a seal file kept outside the database (SEAL_FILE)")
    given = parser.parse_args()
    actor = Actor.system("audit command line", channel="cli")
    if given.command == "seal":
        made = sealing.seal(actor)
        print(f"Seal {made.number} up to entry {made.last_position}." if made else "Nothing to seal.")
        return 0
    proof = verifying.verify(actor, anchor=sealing.read_anchor(given.anchor) if given.anchor else None)
    if proof.finding is None:
        print(f"The trail is sound: {proof.sealed} sealed entries, {proof.unsealed} younger than the newest seal.")
        return 0
    print(f"{proof.finding.kind} at position {proof.finding.position}: {proof.finding.sentence}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
