"""One look at a target: what was found, and never an exception."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from core.health.monitors.probes import dns, http, tcp, tls
from core.health.monitors.probes.finding import Finding, of_failure, storable
from core.health.monitors.probes.network import Network
from core.health.monitors.watching import Watch

__all__ = ["Finding", "Network", "probe"]

_PROBES: dict[str, Callable[[Network, Watch], Awaitable[Finding]]] = {
    "http": http.probe,
    "tcp": tcp.probe,
    "dns": dns.probe,
    "tls": tls.probe,
}


async def probe(network: Network, watch: Watch) -> Finding:
    """Looks once, within the monitor's timeout; whatever goes wrong is in the finding."""
    found = await _looked(network, watch)
    return replace(found, detail=storable(found.detail))


async def _looked(network: Network, watch: Watch) -> Finding:
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(watch.timeout_s):
            return await _PROBES[watch.kind](network, watch)
    except TimeoutError:
        return Finding("down", f"no answer within {watch.timeout_s} s", is_answered=False)
    except Exception as error:  # noqa: BLE001  (a defect is told there, and costs one look and not the checker)
        return of_failure(error, (time.perf_counter() - begun) * 1000)
