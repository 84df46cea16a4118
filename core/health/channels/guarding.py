"""Keeps a library that connects by itself to addresses that the portal may call.

Apprise resolves names and follows its services' own addresses, so a check of the URL beforehand is not enough: the
interpreter's audit event of each connect shows the very address, and raising there keeps the connection from being made.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from core.kernel.outbound import require_allowed

# None: not guarded. Else whether only allow-listed networks may be called.
_guarded: ContextVar[bool | None] = ContextVar("guarded_connects", default=None)


@contextmanager
def guarded(*, listed_only: bool) -> Iterator[None]:
    """Within, this thread connects only where the portal may. Refused is raised by what tries otherwise."""
    _install()
    token = _guarded.set(listed_only)
    try:
        yield
    finally:
        _guarded.reset(token)


@cache
def _install() -> None:
    """Once in a process: an audit hook cannot be taken away again."""
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and (listed_only := _guarded.get()) is not None:
        address = arguments[1]
        # A path is a socket of this machine.
        found = str(address[0]) if isinstance(address, tuple) else "127.0.0.1"
        require_allowed([found], listed_only=listed_only)
