"""What may be said of teams and agents. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from core.customers.tenants.tagging import clean_tags
from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid

MAX_NAME = 80
MOST_CAPACITY = 1_000


def _clean_name(value: Any) -> str:
    name = " ".join(str(value or "").split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise Invalid(f"Give the team a name of 1 to {MAX_NAME} characters.")
    return name


def _clean_capacity(value: Any) -> int:
    if isinstance(value, bool) or not str(value).strip().isdecimal() or not 1 <= int(value) <= MOST_CAPACITY:
        raise Invalid(f"A capacity is a whole number of tickets from 1 to {MOST_CAPACITY:,}.")
    return int(value)


_TEAM: dict[str, Callable[[Any], Any]] = {
    "name": _clean_name, "lead_id": lambda value: value, "manager_id": lambda value: value,
}  # fmt: skip
_AGENT: dict[str, Callable[[Any], Any]] = {"skills": clean_tags, "capacity": _clean_capacity}


def clean_team(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    return cleaned(values, _TEAM)


def clean_agent(values: Mapping[str, Any]) -> dict[str, Any]:
    """Skills in lower case, each once; capacity in tickets. Raises one Invalid that names every bad field."""
    return cleaned(values, _AGENT)


def require_in_service(archived_at: datetime | None) -> None:
    """Raises Invalid for a team that was archived."""
    if archived_at is not None:
        sentence = "This team is out of service. Choose another."
        raise Invalid(sentence, {"team_id": sentence})
