"""What must hold before the portal starts. Each check raises CannotStart with one sentence: what is wrong, what to do."""

import os
import re
import socket
import tempfile
from pathlib import Path

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from core.kernel.db import normal_url
from core.kernel.errors import ExpectedError

OLDEST_SERVER = 15
CONNECT_SECONDS = 5
# A table of the first migration that no other product is likely to have.
OUR_TABLE = "key_check"


class CannotStart(ExpectedError):
    code, status = "cannot_start", 500


def require_free_port(port: int) -> None:
    """Raises CannotStart when somebody listens on the port, or may not be listened on."""
    other = port + 1 if port < 65535 else port - 1
    hint = f"choose another one: make run PORT={other}"
    if not 0 < port < 65536:
        raise CannotStart(f"PORT={port} is no port; use a number from 1 to 65535.")
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            _try_port(family, address, port)
        except PermissionError:
            raise CannotStart(f"Port {port} is reserved for root; {hint}.") from None
        except OSError as error:
            if error.errno == _IN_USE:
                raise CannotStart(f"Port {port} is in use by another program; stop that one or {hint}.") from None


_IN_USE = 98 if os.name == "posix" and os.uname().sysname == "Linux" else 48


def _try_port(family: socket.AddressFamily, address: str, port: int) -> None:
    with socket.socket(family) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        tried.bind((address, port))


def require_writable(folder: Path) -> None:
    """Makes the data folder. Raises CannotStart when it cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise CannotStart(
            f"The data folder {folder.absolute()} cannot be written ({reason}); set DATA_FOLDER to one that can."
        ) from None


def require_database(url: str, *, migrations: Path = Path("migrations")) -> None:
    """Raises CannotStart unless `url` is a reachable PostgreSQL 15 or later that is empty or holds a Quarterdeck database
    whose schema this code knows."""
    with _connected(url) as connection:
        require_version(connection.info.server_version)
        revisions = _revisions(connection)
        if revisions is None and not _is_empty(connection):
            raise CannotStart(f"{_named(url)} already holds tables of something else; create an empty database for it.")
        if revisions and not _has_table(connection, OUR_TABLE):
            raise CannotStart(f"{_named(url)} belongs to another product; create an empty database for Quarterdeck.")
    require_known(revisions or set(), _known(migrations))


def require_version(number: int) -> None:
    """`number` as PostgreSQL counts, 150004 for 15.4. Raises CannotStart when it is older than 15."""
    if number < OLDEST_SERVER * 10_000:
        shown = f"{number // 10_000}.{number % 10_000}" if number >= 100_000 else f"{number // 10_000}"
        raise CannotStart(
            f"The database server is PostgreSQL {shown}; Quarterdeck needs {OLDEST_SERVER} or later. Upgrade it, or unset"
            " DATABASE_URL to use the embedded one."
        )


def require_known(revisions: set[str], known: set[str]) -> None:
    """Raises CannotStart when the schema was migrated by newer code than this."""
    if newer := sorted(revisions - known):
        raise CannotStart(
            f"The database schema is newer than this code (its version is {', '.join(newer)}, the latest known here is"
            f" {max(known, default='none')}); start the newer Quarterdeck, or restore an older backup."
        )


def shown_url(url: str) -> str:
    """The URL with its password hidden, for messages. Raises CannotStart when it cannot be read."""
    try:
        return make_url(normal_url(url)).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        raise CannotStart("DATABASE_URL cannot be read; write postgresql://user:password@host:5432/database.") from None


def _named(url: str) -> str:
    return f"The database {make_url(normal_url(url)).database!r} of DATABASE_URL"


def _connected(url: str) -> psycopg.Connection:
    shown = shown_url(url)
    if not normal_url(url).startswith("postgresql+psycopg://"):
        raise CannotStart(f"DATABASE_URL must name a PostgreSQL database, not {shown.partition(':')[0]}.")
    address = normal_url(url).replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        return psycopg.connect(address, connect_timeout=CONNECT_SECONDS, autocommit=True)
    except psycopg.Error as error:
        raise CannotStart(_why_not(str(error), shown)) from None


def _why_not(said: str, shown: str) -> str:
    """One sentence for a failed connection. The server's own messages tell the cases apart; it sends no code this early."""
    cases = (
        ("password authentication failed", "The database refuses the user name or password in DATABASE_URL"),
        ("no password supplied", "The database wants a password; put it into DATABASE_URL"),
        (r'database ".*" does not exist', "The database in DATABASE_URL does not exist; create it (createdb)"),
        (r'role ".*" does not exist', "The user in DATABASE_URL does not exist on that server"),
        ("too many clients|remaining connection slots", "The database server has no free connection"),
        ("pg_hba.conf", "The database server does not let this machine in (its pg_hba.conf)"),
    )
    for pattern, sentence in cases:
        if re.search(pattern, said):
            return f"{sentence}: {shown}."
    return (
        f"The database does not answer at {shown}; start it or correct DATABASE_URL. ({said.strip().splitlines()[-1]})"
    )


def _has_table(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s)", [name]).fetchone()
    return row is not None and row[0] is not None


def _revisions(connection: psycopg.Connection) -> set[str] | None:
    """What Alembic noted in this database, None when it never ran here."""
    if not _has_table(connection, "alembic_version"):
        return None
    return {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}


def _is_empty(connection: psycopg.Connection) -> bool:
    """Whether no schema holds a table. What extensions brought does not count."""
    row = connection.execute(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
    ).fetchone()
    return row is not None and row[0] == 0


def _known(migrations: Path) -> set[str]:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
