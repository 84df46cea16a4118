"""What the bench looks at: an HTTP server that answers 200 and nothing else."""

import asyncio
from typing import Any

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class _Site(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n"):
            self._transport.write(ANSWER)
            self._transport.close()


def serve(told: Any) -> None:
    """Tells its port, and serves for ever."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Site, "127.0.0.1", 0, backlog=1_024)
        told.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())
