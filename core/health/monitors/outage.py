"""While the checker's own network is gone, what gets no answer is unknown and not down."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from core.health.monitors.ledger import Ledger
from core.health.monitors.network_check import CALIBRATE_EVERY_S, NetworkCheck
from core.health.monitors.probes import Finding
from core.health.monitors.storing import Gap
from core.health.monitors.watching import Watch
from core.kernel.logs import get_logger

NO_NETWORK = "the checker's own network was gone"
log = get_logger()


class Outage:
    """`forget` drops what the checker holds against monitors, which may have been the network's fault."""

    def __init__(self, check: NetworkCheck, ledger: Ledger, forget: Callable[[], None]) -> None:
        self._check, self._ledger, self._forget = check, ledger, forget
        self._of_private: bool | None = (
            None  # which monitors' silence showed it: private ones', public ones', or nobody's
        )
        self._back_at = self._looked_at = float("-inf")

    async def stands(self, watch: Watch, begun: float, finding: Finding) -> bool:
        """Whether the finding says something of the monitor, and not of the network between."""
        if watch.is_local:
            return True
        if finding.is_answered:
            self._check.heard(begun, is_private=watch.allows_private)
            if self._of_private == watch.allows_private:
                self._end()
            return True
        if begun < self._back_at:  # while it began to look, there was no network
            return False
        if not await self._check.is_gone(begun, is_private=watch.allows_private):
            return True
        self._begin(begun, is_private=watch.allows_private)
        return False

    async def look(self) -> None:
        """Asks whether the network is back; without an outage now and then, to know what the answer is worth."""
        is_time = time.monotonic() - self._looked_at > CALIBRATE_EVERY_S
        if self._of_private is None and not is_time:
            return
        self._looked_at = time.monotonic()
        if await self._check.asked() and self._of_private is not None:
            self._end()

    def _begin(self, since: float, *, is_private: bool) -> None:
        if self._of_private is None:
            log.error("the checker's network is gone: what it watches is unknown")
            self._ledger.gap(Gap(datetime.fromtimestamp(since, UTC), None, NO_NETWORK))
            self._of_private = is_private
        self._forget()

    def _end(self) -> None:
        log.warning("the checker's network is back")
        self._of_private, self._back_at = None, time.time()
        self._ledger.end_gap(datetime.fromtimestamp(self._back_at, UTC))
