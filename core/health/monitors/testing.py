"""One look at what is not saved yet, for who writes a monitor: the same probe, limits and addresses; nothing is stored."""

import asyncio
from collections.abc import Mapping
from typing import Any

from core.health.monitors import rules
from core.health.monitors import settings as kinds
from core.health.monitors.addresses import require_target
from core.health.monitors.probes import Network, probe
from core.health.monitors.probes.finding import Finding
from core.health.monitors.watching import Watch
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.models import uuid7
from core.kernel.permissions import require


def test(
    actor: Actor, *, kind: str, settings: Mapping[str, Any], timeout_s: int = 10, allows_private: bool = False
) -> Finding:  # fmt: skip
    """What the first check would find. Raises Denied, and Invalid naming every bad field; a push cannot be tested."""
    require(actor, "monitors:create")
    if allows_private:
        require(actor, "monitors:private")
    if kind not in rules.KINDS or kind == "push":
        raise Invalid("Only what is looked at can be tested; a push monitor waits to be called.")
    clean = kinds.clean(kind, settings)
    timeout = rules.clean({"timeout_s": timeout_s})["timeout_s"]
    require_target(kind, clean, allows_private=allows_private)
    watch = Watch(
        id=uuid7(), version=1, name="", kind=kind, settings=clean, interval_s=60, timeout_s=timeout, retries=0,
        retry_interval_s=20, tags=(), allows_private=allows_private, host=kinds.host_of(kind, clean),
    )  # fmt: skip
    return asyncio.run(_look(watch))


async def _look(watch: Watch) -> Finding:
    network = Network()
    try:
        return await probe(network, watch)
    finally:
        await network.close()
