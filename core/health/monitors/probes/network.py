"""What probes share: names, HTTP sessions, TLS contexts, the system's name servers. For one event loop."""

import asyncio
import ssl
from functools import cached_property
from ipaddress import ip_address
from typing import Any

import dns.asyncresolver
import yarl
from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.connector import Connection

from core.health.monitors.addresses import Names, PinnedNames, require_askable

AGENT = "Quarterdeck monitor"


class CertifiedResponse(ClientResponse):
    """Keeps the certificate that the answer came under: the connection may be gone before anybody asks."""

    certificate: bytes | None = None

    async def start(self, connection: Connection) -> ClientResponse:
        secured = connection.transport.get_extra_info("ssl_object") if connection.transport else None
        self.certificate = secured.getpeercert(True) if secured is not None else None
        return await super().start(connection)


def unverified() -> ssl.SSLContext:
    """For a look at a certificate that is not trusted."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Network:
    """Every connection is a new one, as that of a new visitor: no pool, no cookies, no proxies of the environment."""

    def __init__(self, *, verified: ssl.SSLContext | None = None) -> None:
        self.names = Names()
        self.verified, self.unverified = verified or ssl.create_default_context(), unverified()
        self._sessions: dict[bool, ClientSession] = {}

    def session_for(self, url: yarl.URL, *, allows_private: bool) -> ClientSession:
        """The session for the URL. Raises Refused when it names a forbidden address instead of a host."""
        try:
            literal = str(ip_address(url.host or ""))
        except ValueError:
            literal = None
        if literal is not None:
            require_askable([literal], allows_private=allows_private)
        if allows_private not in self._sessions:
            self._sessions[allows_private] = self._session(allows_private)
        return self._sessions[allows_private]

    def _session(self, allows_private: bool) -> ClientSession:
        resolver = PinnedNames(self.names, allows_private=allows_private)
        connector = TCPConnector(resolver=resolver, limit=0, use_dns_cache=False, force_close=True)
        return ClientSession(
            connector=connector, cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=None),
            response_class=CertifiedResponse, headers={"User-Agent": AGENT}, max_line_size=16_384, max_field_size=16_384,
        )  # fmt: skip

    async def connect(
        self,
        host: str,
        port: int,
        *,
        allows_private: bool,
        context: ssl.SSLContext | None = None,
        name: str | None = None,
    ) -> Any:
        """A transport to the first address that takes one. Raises Refused, OSError of the last address."""
        loop = asyncio.get_running_loop()
        server_name = (name or host) if context is not None else None
        failure: OSError = ConnectionError("the host has no address")
        for address in await self.names.addresses(host, allows_private=allows_private):
            try:
                transport, _ = await loop.create_connection(
                    asyncio.Protocol, address, port, ssl=context, server_hostname=server_name
                )
            except ssl.SSLError:
                raise
            except OSError as error:
                failure = error
                continue
            return transport
        raise failure

    @cached_property
    def system_resolver(self) -> dns.asyncresolver.Resolver:
        """The name servers of this host. Raises dns.resolver.NoResolverConfiguration."""
        return dns.asyncresolver.Resolver()

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self.names.close()
