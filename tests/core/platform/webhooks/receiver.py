"""A real HTTP receiver on loopback that can be told how to behave."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answer` decides per path and request: a status, a (status, headers, body), or "hang" or "reset"."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    answer: Callable[[Received], Any] = lambda _: 204
    most_at_once: dict[str, int] = field(default_factory=dict)
    _now: dict[str, int] = field(default_factory=dict)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ids(self, path: str | None = None) -> list[str]:
        return [one.headers["webhook-id"] for one in self.requests if path in (None, one.path)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        received = Received(request.path, {name.lower(): value for name, value in request.headers.items()}, body)
        self.requests.append(received)
        self._now[request.path] = self._now.get(request.path, 0) + 1
        self.most_at_once[request.path] = max(self.most_at_once.get(request.path, 0), self._now[request.path])
        try:
            return await self._answered(request, self.answer(received))
        finally:
            self._now[request.path] -= 1

    async def _answered(self, request: web.Request, told: Any) -> web.StreamResponse:
        if told == "hang":
            await asyncio.sleep(60)
            return web.Response(status=200)
        if told == "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=200)
        if isinstance(told, tuple):
            status, headers, text = told
            return web.Response(status=status, headers=headers, text=text)
        if isinstance(told, float):
            await asyncio.sleep(told)
            return web.Response(status=204)
        return web.Response(status=told)


@contextmanager
def receiving(port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """The receiver runs in a thread of its own until the end of the block."""
    receiver, loop, started = Receiver(), asyncio.new_event_loop(), threading.Event()
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.2)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
        await site.start()
        receiver.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        started.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(60)
    try:
        yield receiver
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
