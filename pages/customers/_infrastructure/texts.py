"""Words and colours for what records and steps are."""

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from core.customers.infrastructure.regions import PROVIDER_TITLES
from pages._parts.moments import UNKNOWN

Colour = Literal["green", "blue", "orange", "red", "gray"]
STATUS_COLOURS: dict[str, Colour] = {"requested": "blue", "provisioning": "orange", "ready": "green", "retired": "gray"}
AGREEMENT_COLOURS: dict[str, Colour] = {"agrees": "green", "violates": "red", "unknown": "gray"}
AGREEMENTS = {"agrees": "Region agrees", "violates": "Region violated", "unknown": "Region unknown"}
NO_SECRETS = "Say where things are, never how to get in: passwords, keys and connection strings are refused here."


def is_unknown(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def known(value: Any) -> str:
    return UNKNOWN if is_unknown(value) else str(value)


def title(row: Mapping[Any, Any]) -> str:
    """Whose infrastructure it is; the id of a tenant whose name the viewer may not see."""
    return str(row["tenant_id"]) if is_unknown(row["tenant"]) else str(row["tenant"])


def place(row: Mapping[Any, Any]) -> str:
    """Provider, region and its group."""
    group = "group unknown" if is_unknown(row["region_group"]) else row["region_group"]
    return f"{PROVIDER_TITLES[row['provider']]} {row['region']} ({group})"


def specs(row: Mapping[Any, Any]) -> str:
    """CPUs, memory and storage, as far as they are known."""
    parts = {"cpus": "CPUs", "memory_gb": "GB memory", "storage_gb": "GB storage"}
    told = [f"{int(row[name]):,} {unit}" for name, unit in parts.items() if not is_unknown(row[name])]
    return ", ".join(told) or UNKNOWN
