"""Writes the files to a folder or a bucket: only what changed, each file whole, and removes what is no more."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from core.kernel.errors import Unavailable
from core.reliability.status_page.files import CACHE, OWN_FOLDER, File

TIMEOUT = timedelta(seconds=10)
_RETRIES: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
# Digests of what this process put where, so that a bucket is not sent each minute what it has.
_put: dict[tuple[str, str], bytes] = {}


def to_folder(folder: Path, files: Sequence[File]) -> int:
    """Returns how many files changed. A reader sees each file as it was or as it is. Raises Unavailable."""
    try:
        changed = sum(_replace(folder / one.path, one.body) for one in files)
        wanted = {folder / one.path for one in files}
        for found in (folder / OWN_FOLDER).glob("*.html"):
            if found not in wanted:
                found.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"The folder {folder} cannot be written: {error.strerror or error}.") from error
    return changed


def _replace(path: Path, body: bytes) -> bool:
    if path.exists() and path.read_bytes() == body:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        draft.write_bytes(body)
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return True


def to_bucket(url: str, files: Sequence[File]) -> int:
    """Returns how many files were sent. `url` is s3://bucket/prefix, or gs:// or az://; keys and endpoint come from the
    environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL ...). Raises Unavailable."""
    try:
        store = _store(url)
        changed = sum(_send(store, url, one) for one in files)
        _tidy(store, url, {one.path for one in files})
    except (BaseError, OSError, ValueError) as error:
        raise Unavailable(f"The bucket {url} cannot be written: {_first_line(error)}") from error
    return changed


def _store(url: str) -> ObjectStore:
    # Plain http is for stores of one's own: where S3 itself is does not depend on it.
    options: dict[str, Any] = {"timeout": TIMEOUT, "connect_timeout": TIMEOUT, "allow_http": True}
    # Not every store that speaks S3 deletes many at once.
    more: Any = {"config": {"disable_bulk_delete": True}} if url.startswith("s3:") else {}
    opened: Any = from_url  # whose options are told apart by the kind of store, which the URL says
    made: ObjectStore = opened(url, client_options=options, retry_config=_RETRIES, **more)
    return made


def _send(store: ObjectStore, url: str, file: File) -> bool:
    digest, key = hashlib.sha256(file.body).digest(), (url, file.path)
    if _put.get(key) == digest:
        return False
    kind: Any = {"Content-Type": file.content_type, "Cache-Control": CACHE}
    obstore.put(store, file.path, file.body, attributes=kind)
    _put[key] = digest
    return True


def _tidy(store: ObjectStore, url: str, wanted: set[str]) -> None:
    found = [one["path"] for one in obstore.list_with_delimiter(store, OWN_FOLDER)["objects"]]
    gone = [path for path in found if path not in wanted]
    if gone:
        obstore.delete(store, gone)
    for path in gone:
        _put.pop((url, path), None)


def _first_line(error: Exception) -> str:
    """What went wrong, without the address that was called, which may carry a signature."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line.split("?", 1)[0][:500]


def forget() -> None:
    """Sends everything again at the next time (for tests)."""
    _put.clear()
