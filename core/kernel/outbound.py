"""Calls that leave the portal go only where anybody on the internet may go, unless a network is allow-listed.

Against server-side request forgery: a name is resolved once, every address is checked, and the very address that was
checked is the one that is connected to. Saving, testing and sending ask the same functions.
"""

import asyncio
import socket
from collections.abc import Iterable
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import yarl
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from core.kernel.errors import Invalid, KeyProblem
from core.kernel.settings import settings

MAX_URL = 2_000
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# Public by their number, but of the machine's own provider: Azure's and Oracle's metadata service.
_METADATA = {ip_address("168.63.129.16"), ip_address("192.0.0.192")}
_NAT64 = ip_network("64:ff9b::/96")


class Refused(OSError):
    """An address that must not be called. An OSError, so that it passes through the HTTP client as one."""


@cache
def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise KeyProblem(
            f"OUTBOUND_ALLOW is not a list of networks ({error}). Write 10.1.0.0/16, 127.0.0.1."
        ) from error


def is_listed(address: Address) -> bool:
    """Whether OUTBOUND_ALLOW names a network of the address."""
    return any(
        address in network for network in _networks(settings().outbound_allow) if network.version == address.version
    )


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_allowed(address: Address, *, listed_only: bool = False) -> bool:
    """Whether the portal may call the address: a public one, or one of an allow-listed network."""
    real = _inner(address)
    if is_listed(real):
        return True
    is_public = real.is_global and not (real.is_multicast or real.is_reserved or real in _METADATA)
    return is_public and not listed_only


def require_allowed(addresses: Iterable[str], *, listed_only: bool = False) -> None:
    """Raises Refused when one of the addresses must not be called: a name that has both kinds is not trusted."""
    for text in addresses:
        if not is_allowed(ip_address(text.split("%", 1)[0]), listed_only=listed_only):
            kind = "is not allow-listed, which plain http needs" if listed_only else "is private or reserved"
            raise Refused(f"the address {text} {kind}")


@lru_cache(1_024)
def parse_url(text: str) -> yarl.URL:
    """The URL as every later step uses it. Raises Invalid for what is none, or carries a user name or password."""
    given = text.strip()
    if not given or len(given) > MAX_URL or any(ord(letter) <= 32 or ord(letter) == 127 for letter in given):
        raise _invalid(
            f"Write a URL of at most {MAX_URL:,} characters without spaces, such as https://example.com/hook."
        )
    try:
        url = yarl.URL(given)
    except ValueError as error:
        raise _invalid(f"This is not a URL ({error}). Write it like https://example.com/hook.") from error
    if url.scheme not in ("https", "http") or not url.host:
        raise _invalid("The URL must begin with https:// and name a host, such as https://example.com/hook.")
    if url.user is not None or url.password is not None:
        raise _invalid("The URL must not carry a user name or password: it is shown in lists and logs.")
    return url.with_fragment(None)


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, {"url": sentence})


@lru_cache(1_024)
def _literal(host: str) -> tuple[str, ...]:
    try:
        return (str(ip_address(host)),)
    except ValueError:
        return ()


def require_callable(text: str) -> yarl.URL:
    """The URL, after its name was resolved and every address checked. Raises Invalid with a sentence that says why not."""
    url = parse_url(text)
    try:
        found = _literal(url.host or "") or [
            str(one[4][0]) for one in socket.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
        ]
        require_allowed(found, listed_only=url.scheme == "http")
    except Refused as error:
        raise _invalid(f"This URL cannot be called: {error}. Use https and a public address, or ask the platform team "
                       "to allow-list the network.") from error  # fmt: skip
    except (OSError, UnicodeError) as error:
        raise _invalid(f"The host {url.host} cannot be found ({error}). Check the spelling.") from error
    return url


class PinnedResolver(AbstractResolver):
    """Gives aiohttp only checked addresses; it connects to one of these and asks no second time."""

    def __init__(self, *, listed_only: bool) -> None:
        self._listed_only = listed_only

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises Refused for a name with a forbidden address."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        require_allowed((str(one[4][0]) for one in found), listed_only=self._listed_only)
        return [_result(host, one) for one in found]

    async def close(self) -> None:
        """Nothing is held."""


def _result(host: str, found: tuple[Any, ...]) -> ResolveResult:
    family, _, protocol, _, address = found
    return ResolveResult(
        hostname=host, host=str(address[0]), port=address[1], family=family, proto=protocol,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )  # fmt: skip


class Outbound:
    """Pooled HTTP sessions for checked addresses, one per scheme: plain http goes to allow-listed networks alone.

    No cookies, no redirects by default, no environment proxies. Must be made and used within one event loop.
    """

    def __init__(self, *, connections: int = 0) -> None:
        self._sessions = {
            scheme: ClientSession(
                connector=TCPConnector(
                    resolver=PinnedResolver(listed_only=scheme == "http"), limit=connections, use_dns_cache=False
                ),
                cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=None), auto_decompress=False,
            )
            for scheme in ("https", "http")
        }  # fmt: skip

    def session_for(self, url: yarl.URL) -> ClientSession:
        """The session for the URL. Raises Refused when it names a forbidden address instead of a host."""
        require_allowed(_literal(url.host or ""), listed_only=url.scheme == "http")
        return self._sessions[url.scheme]

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
