"""`python -m core.platform.config`: maintenance mode and key rotation from the command line."""

import argparse
import sys

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.platform.config import actions


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m core.platform.config", description="Maintenance mode and keys.")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start-maintenance", help="refuse every write, with a message")
    start.add_argument("message", help="what people read meanwhile")
    start.add_argument("--reason", required=True, help="for the audit trail")
    commands.add_parser("end-maintenance", help="let writes through again")
    commands.add_parser("rotate-keys", help="encrypt every secret anew with the first key of ENCRYPTION_KEYS")
    given = parser.parse_args()
    try:
        print(_run(Actor.system("command line", channel="cli"), given))
    except ExpectedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run(actor: Actor, given: argparse.Namespace) -> str:
    match given.command:
        case "start-maintenance":
            actions.start_maintenance(actor, message=given.message, reason=given.reason)
            return "Writes are refused now."
        case "end-maintenance":
            actions.end_maintenance(actor)
            return "Writes go through again."
        case _:
            return f"{actions.rotate_keys(actor)} secrets were encrypted anew."


if __name__ == "__main__":
    sys.exit(main())
