"""Serves the rendered files over ASGI, and nothing else: it needs neither the portal nor the database."""

import os
from pathlib import Path

from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from core.reliability.status_page.files import CACHE, INDEX, SECURITY, TYPES

ABSENT = "The status page was not rendered yet. Try again in a minute.\n"
MISSING = "There is no such page here.\n"


class StatusFiles(StaticFiles):
    """The folder of the page. Files that are no part of it are not there, whatever they are."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self._folder = folder

    async def check_config(self) -> None:
        """The folder may come later: until then there is an answer that says so."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        parts = Path(path).parts
        is_ours = Path(path).suffix in TYPES or not Path(path).suffix
        if not is_ours or any(part.startswith(".") for part in parts if part != "."):
            return "", None
        try:
            return super().lookup_path(path)
        except OSError:  # a name that no file system takes
            return "", None

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Errors are plain and are not kept by caches."""
        if scope["method"] not in ("GET", "HEAD"):
            return _plain("Only GET and HEAD are answered here.\n", 405, Allow="GET, HEAD")
        if not (self._folder / INDEX).is_file():
            return _plain(ABSENT, 503, **{"Retry-After": "60"})
        if "\x00" in path or self.lookup_path(path)[1] is None:
            return _plain(MISSING, 404)
        return await super().get_response(path, scope)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, with its type, how long it is good, and since when it is as it is."""
        found = super().file_response(full_path, stat_result, scope, status_code)
        found.headers.update(SECURITY)
        found.headers["Cache-Control"] = CACHE
        kind = TYPES.get(Path(full_path).suffix)
        if kind is not None and not isinstance(found, NotModifiedResponse):
            found.headers["Content-Type"] = kind
        return found


def _plain(text: str, status: int, **headers: str) -> Response:
    return PlainTextResponse(text, status, {"Cache-Control": "no-store", **SECURITY, **headers})
