"""`python -m tools.migrate`: brings the database of this configuration to the schema of this code."""

import sys

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from core.kernel.checks_at_start import CannotStart, require_database
from core.kernel.db import database_url
from core.kernel.errors import ExpectedError

LOCK = 7_301_955  # any number; all starts of Quarterdeck use this one


def config_of(url: str) -> Config:
    """Alembic's configuration of this tree for one database."""
    config = Config("alembic.ini")
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(url: str) -> None:
    """Checks the database, then applies what is missing; a second start at the same time waits for the first.

    Raises CannotStart; each migration is one transaction.
    """
    require_database(url)
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        require_database(url)  # again: somebody else may have had the lock
        try:
            command.upgrade(config_of(url), "head")
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise CannotStart(f"The database could not be migrated and stays as it was: {reason}.") from error


def main() -> int:
    try:
        migrate(database_url())
    except ExpectedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
