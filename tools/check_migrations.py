"""`python -m tools.check_migrations`: an empty database after all migrations is what the models say, and has one head."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from core.kernel import embedded
from tools.migrate import config_of, migrate


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="qd-check-") as folder:
        try:
            return check(embedded.start(Path(folder)))
        finally:
            embedded.stop(Path(folder))


def check(url: str) -> int:
    """0, or 1 after saying what differs."""
    config = config_of(url)
    heads = ScriptDirectory.from_config(config).get_heads()
    if len(heads) != 1:
        print(f"The migrations have {len(heads)} heads ({', '.join(heads)}); give each one predecessor.")
        return 1
    migrate(url)
    try:
        command.check(config)
    except CommandError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
