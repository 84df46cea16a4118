"""TCP: a connection comes about."""

import time

from core.health.monitors.probes.finding import Finding
from core.health.monitors.probes.network import Network
from core.health.monitors.watching import Watch


async def probe(network: Network, watch: Watch) -> Finding:
    """Raises what the connection raises."""
    wanted = watch.settings
    begun = time.perf_counter()
    transport = await network.connect(wanted["host"], wanted["port"], allows_private=watch.allows_private)
    latency = (time.perf_counter() - begun) * 1000
    transport.abort()
    return Finding("up", "connected", latency).within(wanted["slow_ms"])
