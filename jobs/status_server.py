"""python -m jobs status-page: serves the rendered status page from its folder, whatever becomes of portal and database."""

import argparse
import logging
import socket
import time
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from core.kernel.logs import get_logger
from core.kernel.settings import settings
from core.reliability.status_page import places
from core.reliability.status_page.serving import StatusFiles

RETRY_S = 5.0
log = get_logger()


def application(folder: Path) -> Starlette:
    """The page at / and, as below the portal, at /status/: links to it work at both."""

    def to_folder(_: object) -> RedirectResponse:
        return RedirectResponse("/status/", 308)

    files = StatusFiles(folder)
    return Starlette(routes=[Route("/status", to_folder), Mount("/status", files), Mount("/", files)])


def main(words: list[str]) -> int:
    """Serves until a signal. Returns the exit code: 1 when the port is taken and nobody asked to wait for it."""
    given = _parser().parse_args(words)
    while not _is_free(given.host, given.port):
        log.warning("the port of the status page is taken", host=given.host, port=given.port)
        if not given.wait:
            return 1
        time.sleep(RETRY_S)
    log.info("status page", url=f"http://{given.host}:{given.port}/", folder=str(given.folder))
    logging.getLogger("uvicorn.access").setLevel("WARNING")
    uvicorn.run(application(given.folder), host=given.host, port=given.port, log_config=None, server_header=False)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jobs status-page", description=__doc__)
    parser.add_argument("--folder", type=Path, default=places.folder(), help="where the page was rendered")
    parser.add_argument("--host", default=places.settings().status_page_host)
    port = places.settings().status_page_port or settings().port + 1
    parser.add_argument("--port", type=int, default=port, help="default: STATUS_PAGE_PORT, else PORT and one more")
    parser.add_argument("--wait", action="store_true", help="while the port is taken, wait for it instead of ending")
    return parser


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError:
            return False
    return True
