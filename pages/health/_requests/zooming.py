"""From a bar of a chart into its time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from core.kernel.actor import Actor
from pages._parts import time_range
from pages._parts.frame import zone

NEAR = timedelta(minutes=10)  # a minute alone says little: it is shown with what was around it


def into(actor: Actor, point: dict[str, Any] | None, step: timedelta) -> None:
    """Shows the time of the clicked point, if one was; its x is a moment in the viewer's zone."""
    if point is None:
        return
    local = datetime.fromisoformat(str(pd.Timestamp(point["x"])))
    begin = local.replace(tzinfo=zone(actor)).astimezone(UTC)
    around = max(NEAR - step, timedelta()) / 2
    time_range.zoom(begin - around, begin + step + around)
