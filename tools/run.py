"""`make run`: checks, database, demo data, then the Procfile's processes; stops all of it at Ctrl-C, SIGTERM or SIGHUP."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from core.kernel import embedded
from core.kernel.checks_at_start import CannotStart, require_free_port, require_writable
from core.kernel.db import database_url, forget_engines
from core.kernel.errors import ExpectedError
from core.kernel.keycheck import require_key
from core.kernel.settings import Settings, settings
from tools.leftovers import MARK, end_marked
from tools.migrate import migrate
from tools.one_start import only_start

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 12
WILDCARDS = {"", "0.0.0.0", "::"}


class Stopped(BaseException):
    """Somebody asked for the end; no error, so nothing that catches errors may swallow it."""


def _on_signal(number: int, frame: FrameType | None) -> None:
    raise Stopped


def main() -> int:
    os.chdir(ROOT)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)
    try:
        with ExitStack() as stack:
            chosen = configuration()
            prepare(stack, chosen)
            return serve(chosen)
    except Stopped:
        return 0
    except ExpectedError as error:
        print(error, file=sys.stderr)
        return 1


def configuration() -> Settings:
    """The settings. Raises CannotStart naming the first variable that cannot be read, but not what it holds."""
    try:
        return settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise CannotStart(f"The environment variable {name} cannot be read: {first['msg']}.") from None


def prepare(stack: ExitStack, chosen: Settings) -> None:
    """Everything before the first process; what it starts is stopped when `stack` closes. Raises ExpectedError."""
    folder = chosen.data_folder.absolute()
    require_writable(folder)
    stack.enter_context(only_start(folder, chosen.port))
    end_marked(str(folder))
    require_free_port(chosen.port)
    if chosen.database_url is None:
        say("Starting PostgreSQL ...")
        stack.enter_context(_database_of(folder / "postgres"))
    migrate(database_url())
    require_key()
    if wants_demo(chosen):
        _seed()
    forget_engines()


def wants_demo(chosen: Settings) -> bool:
    """Demo data come by themselves into the embedded database only; elsewhere they need DEMO=1."""
    return chosen.database_url is None if chosen.demo is None else chosen.demo


def _seed() -> None:
    from core import demo  # noqa: PLC0415  (needs every slice; a start without demo data does not)

    say("Looking after the demo data (the first time takes a moment) ...")
    demo.seed()


@contextmanager
def _database_of(folder: Path) -> Iterator[None]:
    try:
        yield
    finally:
        _ignore_signals()
        embedded.stop(folder)


def serve(chosen: Settings) -> int:
    """Runs the processes until the end is asked for (0) or one of them ends (1)."""
    mark = str(chosen.data_folder.absolute())
    processes = subprocess.Popen(
        [sys.executable, "-m", "tools.processes"], env=environment(os.environ, chosen, mark), start_new_session=True
    )
    try:
        _announce_when_it_answers(processes, chosen)
        processes.wait()
        print("A process ended by itself, so the others were stopped too; the lines above say why.", file=sys.stderr)
        return 1
    finally:
        _ignore_signals()
        say("Stopping ...")
        _end(processes, mark)


def environment(given: Mapping[str, str], chosen: Settings, mark: str) -> dict[str, str]:
    """What the processes see: this interpreter first on the path, the port, the hosts the portal is reached by."""
    hosts = ["localhost", "127.0.0.1"]
    if chosen.public_url and (public := urlsplit(chosen.public_url).hostname):
        hosts.append(public)
    return {
        "STREAMLIT_SERVER_ALLOWED_HOSTS": " ".join(hosts),
        **given,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', os.defpath)}",
        "PORT": str(chosen.port),
        "PYTHONUNBUFFERED": "1",
        MARK: mark,
    }


def _end(processes: subprocess.Popen[bytes], mark: str) -> None:
    processes.terminate()
    try:
        processes.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        processes.kill()
    end_marked(mark)


def _ignore_signals() -> None:
    """A second Ctrl-C must not interrupt the stopping, which takes seconds at most."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _announce_when_it_answers(processes: subprocess.Popen[bytes], chosen: Settings) -> None:
    address = os.environ.get("STREAMLIT_SERVER_ADDRESS", "")
    host = "127.0.0.1" if address in WILDCARDS else address
    while processes.poll() is None:
        try:
            if httpx.get(f"http://{host}:{chosen.port}/_stcore/health", timeout=2, trust_env=False).is_success:
                say(welcome(chosen))
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)


def welcome(chosen: Settings) -> str:
    """The address and how to sign in, as printed once the portal answers."""
    address = chosen.public_url or f"http://localhost:{chosen.port}"
    lines = ["", f"  Quarterdeck is ready: {address}", ""]
    shown = _sign_ins(3) if wants_demo(chosen) else []
    if shown:
        lines += ["  Demo sign-ins (the sign-in page lists all of them):", *shown]
    else:
        lines += ["  Sign in there. Without an operator yet, the page asks for the first one."]
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])


def _sign_ins(count: int) -> list[str]:
    from core import demo  # noqa: PLC0415  (as above)

    shown = demo.sign_ins()[:count]
    width = max((len(email) for email, _, _ in shown), default=0)
    return [f"    {email:<{width}}  {password}  ({role})" for email, password, role in shown]


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
