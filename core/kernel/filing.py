"""Contents of files, each under its SHA-256 in a folder of the data folder, where no web server looks.

Only whoever has a row with the digest knows of a content; the slice that keeps the rows says which contents are still needed.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import func, select

from core.kernel.errors import NotFound
from core.kernel.settings import settings
from core.kernel.times import utc_now
from core.kernel.writes import Transaction


class Opened(NamedTuple):
    """A file as it is handed out: always as a download, whatever its type."""

    name: str
    media_type: str
    content: bytes


def _folder(shelf: str) -> Path:
    return settings().data_folder / shelf


def _path(shelf: str, digest: bytes) -> Path:
    name = digest.hex()
    return _folder(shelf) / name[:2] / name


def hold(tx: Transaction, digest: bytes) -> None:
    """Until the end of the transaction, nobody else puts or removes this content."""
    tx.session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], "big", signed=True))))


def put(tx: Transaction, shelf: str, content: bytes) -> bytes:
    """Keeps the content, once, and returns its digest. Whole or not at all: a file that is there is complete."""
    digest = hashlib.sha256(content).digest()
    hold(tx, digest)
    path = _path(shelf, digest)
    if path.exists():
        os.utime(path)  # what is put again is as young as its row
        return digest
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{uuid4().hex}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return digest


def get(shelf: str, digest: bytes, *, name: str) -> bytes:
    """The content. Raises NotFound when it is not in the data folder."""
    try:
        return _path(shelf, digest).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"The content of “{name}” is not in the data folder. Restore it from a backup.") from error


def remove(shelf: str, digest: bytes) -> None:
    """Removes a content that is held and that no row has any more."""
    _path(shelf, digest).unlink(missing_ok=True)


def kept(shelf: str, *, before: datetime) -> Iterator[bytes]:
    """The digests of contents that were put before that moment."""
    for path in sorted(_folder(shelf).glob("??/*")):
        if len(path.name) == 64 and datetime.fromtimestamp(path.stat().st_mtime, utc_now().tzinfo) < before:
            yield bytes.fromhex(path.name)
