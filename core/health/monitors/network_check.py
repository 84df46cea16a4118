"""Whether the checker's own network works: asked before anything is called down for want of an answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import dns.exception

from core.health.monitors.probes.network import Network
from core.kernel.logs import get_logger

ROOT_S = 3.0
CALIBRATE_EVERY_S = 60.0
TRUSTED_FOR_S = 3_600.0
log = get_logger()
Reference = Callable[[], Awaitable[bool]]


def root_servers(network: Network) -> Reference:
    """The name servers of this host name the root servers, which takes a way out."""

    async def answers() -> bool:
        try:
            await network.system_resolver.resolve(".", "NS", lifetime=ROOT_S, search=False)
        except (dns.exception.DNSException, OSError):
            return False
        return True

    return answers


class NetworkCheck:
    """`reference` says whether something beyond the network's edge answers.

    A reference that did not answer within the last hour proves nothing by its silence: a site without a way out has none.
    """

    def __init__(self, reference: Reference, clock: Callable[[], float] = time.time) -> None:
        self._reference, self._clock = reference, clock
        self._answered_at = float("-inf")  # the reference itself
        self._heard_at = {True: float("-inf"), False: float("-inf")}  # monitors, private and public ones
        self._asking: asyncio.Task[bool] | None = None

    def heard(self, at: float, *, is_private: bool) -> None:
        """A monitor that is not on this machine was answered."""
        self._heard_at[is_private] = max(self._heard_at[is_private], at)

    async def calibrate(self) -> None:
        """Learns whether the reference can be relied on."""
        await self.asked()

    async def asked(self) -> bool:
        """Asks the reference; several who ask at once get one answer."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> bool:
        begun = self._clock()
        if await self._reference():
            self._answered_at = max(self._answered_at, begun)
            return True
        return False

    async def is_gone(self, since: float, *, is_private: bool) -> bool:
        """Whether it is the network that is gone, and not the one monitor that got no answer to what it asked at `since`.

        Something else that was answered after that proves that it works.
        """
        if max(self._answered_at, self._heard_at[is_private]) >= since:
            return False
        is_reliable = self._clock() - self._answered_at < TRUSTED_FOR_S
        return not await self.asked() and is_reliable and self._heard_at[is_private] < since
