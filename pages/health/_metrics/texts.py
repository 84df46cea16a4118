"""Metrics in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pages._parts.moments import UNKNOWN

KIND_HELP = {
    "gauge": "A value that goes up and down.",
    "counter": "What was added, summed up.",
    "histogram": "How values are distributed.",
}
# UCUM, which OpenTelemetry writes units in; what is in braces is a note.
_UNITS = {"1": "", "By": "bytes", "KiBy": "KiB", "MiBy": "MiB", "GiBy": "GiB", "Cel": "°C", "percent": "%"}


def unit(name: str) -> str:
    """The unit as people write it; "" for a plain number."""
    bare = name.strip("{}")
    return _UNITS.get(bare, bare)


def number(value: Any) -> str:
    """Four significant digits, in full from a thousand on."""
    if value is None or pd.isna(value):
        return UNKNOWN
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def labels(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(found.items()))


def owner(row: Mapping[str, Any]) -> str:
    """The tenant by name, or by id where one may not see its name."""
    if row["tenant_id"] is None or pd.isna(row["tenant_id"]):
        return "Platform"
    return str(row["tenant_id"]) if row["tenant"] is None or pd.isna(row["tenant"]) else str(row["tenant"])


def told_apart(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What tells series of one metric apart, by id: the labels, and whose they are where that differs."""
    has_owners = len({owner(row) for row in rows}) > 1
    return {
        row["id"]: ", ".join(part for part in (labels(row["labels"]), owner(row) if has_owners else "") if part)
        or "all"
        for row in rows
    }
