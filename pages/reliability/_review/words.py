"""The words of reviews."""

from typing import Any

import pandas as pd

from pages._parts.moments import UNKNOWN

STATUS = {"none": "Not begun", "draft": "Draft", "review": "In review", "approved": "Approved"}
STATUS_COLOURS = {"none": "gray", "draft": "orange", "review": "blue", "approved": "green"}
PRIORITY = {"high": "High", "medium": "Medium", "low": "Low"}
ITEM = {"open": "Open", "done": "Done", "cancelled": "Cancelled"}
FACTOR = {
    "process": "Process", "people": "People", "technology": "Technology", "monitoring": "Monitoring",
    "dependency": "Dependency", "change": "Change",
}  # fmt: skip
KIND = {"flag": "Flag", "configuration": "Configuration", "deployment": "Deployment", "error": "New error"}


def length(seconds: Any) -> str:
    """A mean, such as `2 h 5 min`."""
    if seconds is None or pd.isna(seconds):
        return UNKNOWN
    minutes = round(float(seconds) / 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
