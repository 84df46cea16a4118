"""Whom a monitor may ask: public addresses, as for webhooks; private ones where it has that right. Resolved once, and pinned."""

import asyncio
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address, ip_network
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from core.health.monitors.settings import host_of
from core.kernel.errors import Invalid
from core.kernel.outbound import Address, Refused, is_allowed

# Where a company's own machines are: RFC 1918, RFC 6598, loopback, RFC 4193. Link-local ones, and with them the metadata
# services of clouds, are for nobody.
PRIVATE = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1/128", "fc00::/7"),
    )
)
_METADATA = {ip_address("fd00:ec2::254"), ip_address("100.100.100.200")}
FRESH_S, THREADS, MOST_NAMES = 10.0, 32, 10_000


def may_ask(address: Address, *, allows_private: bool) -> bool:
    """Whether a monitor may connect to the address."""
    if is_allowed(address):
        return True
    is_private = any(address in network for network in PRIVATE if network.version == address.version)
    return allows_private and is_private and address not in _METADATA


def require_askable(addresses: Sequence[str], *, allows_private: bool) -> None:
    """Raises Refused when one of the addresses must not be asked: a name that has both kinds is not trusted."""
    for text in addresses:
        if not may_ask(ip_address(text.split("%", 1)[0]), allows_private=allows_private):
            raise Refused(f"the address {text} is private or reserved")


def require_target(kind: str, settings: Mapping[str, Any], *, allows_private: bool) -> None:
    """The check at saving: what a host's name stands for may be asked. A name that is not known now may come to be.

    Raises Invalid with the field at fault.
    """
    host = host_of(kind, settings)
    if not host:
        return
    try:
        require_askable(_resolve(host, 0), allows_private=allows_private)
    except Refused as error:
        field = {"http": "url", "dns": "server"}.get(kind, "host")
        sentence = f"This cannot be checked: {error}. Private addresses take the right monitors:private."
        raise Invalid(sentence, {field: sentence}) from error
    except (OSError, UnicodeError):
        return


def _literal(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, so that no network lies between."""
    literal = _literal(host)
    return host == "localhost" or (literal is not None and ip_address(literal).is_loopback)


def _resolve(host: str, port: int) -> list[str]:
    literal = _literal(host)
    if literal:
        return [literal]
    return list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


class Names:
    """Resolves names in threads of its own, each name once in ten seconds. For one event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="monitor names")
        self._found: dict[str, tuple[float, asyncio.Future[list[str]]]] = {}

    async def addresses(self, host: str, *, allows_private: bool) -> list[str]:
        """Checked addresses of a host. Raises Refused, socket.gaierror."""
        literal = _literal(host)
        found = [literal] if literal else await asyncio.shield(self._asked(host))
        require_askable(found, allows_private=allows_private)
        return found

    def _asked(self, host: str) -> "asyncio.Future[list[str]]":
        now = time.monotonic()
        known = self._found.get(host)
        if known is not None and (now - known[0] < FRESH_S or not known[1].done()):
            return known[1]
        if len(self._found) >= MOST_NAMES:
            self._found.clear()
        asked = asyncio.get_running_loop().run_in_executor(self._threads, _resolve, host, 0)
        asked.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever asked may have given up
        self._found[host] = (now, asked)
        return asked

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class PinnedNames(AbstractResolver):
    """Gives aiohttp only checked addresses; it connects to one of these and asks no second time."""

    def __init__(self, names: Names, *, allows_private: bool) -> None:
        self._names, self._allows_private = names, allows_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises Refused for a name with a forbidden address."""
        found = await self._names.addresses(host, allows_private=self._allows_private)
        return [
            ResolveResult(
                hostname=host, host=one, port=port, proto=socket.IPPROTO_TCP,
                family=socket.AF_INET6 if ":" in one else socket.AF_INET,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for one in found
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is held."""
