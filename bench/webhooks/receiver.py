"""The receiver of the benchmark: answers 204, and remembers how long after its event each message came."""

import asyncio
import socket
import time
from datetime import datetime
from typing import Any

import orjson
from aiohttp import web

arrived: list[dict[str, Any]] = []


async def hook(request: web.Request) -> web.Response:
    now, body = time.time(), orjson.loads(await request.read())
    arrived.append({"waited_s": now - datetime.fromisoformat(body["timestamp"]).timestamp()})
    return web.Response(status=204)


async def arrivals(_: web.Request) -> web.Response:
    return web.Response(body=orjson.dumps(arrived))


async def reset(_: web.Request) -> web.Response:
    arrived.clear()
    return web.Response()


async def _serve(listening: socket.socket) -> None:
    app = web.Application()
    app.add_routes([web.get("/arrivals", arrivals), web.get("/reset", reset), web.post("/{path:.*}", hook)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    await asyncio.Event().wait()


def serve(told: Any) -> None:
    """Puts its port on the queue and serves until the process is ended."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    told.put(listening.getsockname()[1])
    asyncio.run(_serve(listening))
