"""What guardrails can watch, and what it is now."""

from collections.abc import Mapping

import pandas as pd

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.platform.flags.guardrails import METRICS, Figure, Metric


def guardrail_metrics() -> Mapping[str, Metric]:
    """Every figure that a guardrail can watch, by its name."""
    return METRICS


def figures(names: set[str]) -> dict[str, Figure]:
    """The figures as they are now. Read as the portal itself: they are aggregates of all tenants."""
    with read(Actor.system("flags")) as rx:
        return {name: METRICS[name].measure(rx, utc_now()) for name in sorted(names) if name in METRICS}


def guardrail_readings(actor: Actor) -> pd.DataFrame:
    """One row per metric: metric, title, unit, value (NA unknown), volume (how many were measured), window (timedelta)."""
    require(actor, "flags:read")
    found = figures(set(METRICS))
    rows = [
        {"metric": name, "title": one.title, "unit": one.unit, "value": found[name].value, "volume": found[name].volume,
         "window": one.window}
        for name, one in METRICS.items()
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"value": "Float64"})
