"""The words that callers of the models specification use, and ours. Pure.

severity: critical is SEV1, high is SEV2, medium and low are SEV3 (which is answered as medium). status: open is an incident
that nobody took yet; investigating one that somebody works on, in whichever state; resolved and closed are ours.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from core.reliability.incidents.rules import LIVE

SEVERITIES = {"critical": "sev1", "high": "sev2", "medium": "sev3", "low": "sev3"}
_SHOWN = {"sev1": "critical", "sev2": "high", "sev3": "medium"}
_STATES = {"open": ("investigating",), "investigating": LIVE, "resolved": ("resolved",), "closed": ("closed",)}
# Ours by theirs, where they differ.
COLUMNS = {
    "incident_type": "kind", "affected_services": "services", "assigned_to": "lead_id", "resolution_notes": "resolution",
    "detected_at": "started_at",
}  # fmt: skip
SAME = (
    "id", "number", "reference", "title", "description", "source", "started_at", "declared_at", "acknowledged_at",
    "identified_at", "monitoring_at", "resolved_at", "closed_at", "archived_at", "reported_by", "reported_by_name",
    "root_cause", "reopen_count", "merged_into_id", "is_public", "public_title", "next_update_at", "created_at",
    "updated_at", "version",
)  # fmt: skip


def severity_of(word: str) -> str:
    """sev1, sev2 or sev3, of either vocabulary."""
    return SEVERITIES.get(word, word)


def severities_of(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(severity_of(one) for one in words))


def status_of(state: str, acknowledged_at: datetime | None) -> str:
    """Their word for our state."""
    if state not in LIVE:
        return state
    return "open" if acknowledged_at is None and state == "investigating" else "investigating"


def states_of(words: Iterable[str], ours: Iterable[str]) -> tuple[str, ...]:
    """Our states for their statuses and for ours that were asked for beside them."""
    theirs = (state for word in words for state in _STATES[word])
    return tuple(dict.fromkeys([*theirs, *ours]))


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """An incident as it is answered, from a row of the queries."""
    return {
        **{name: row[name] for name in SAME},
        **{theirs: row[ours] for theirs, ours in COLUMNS.items()},
        "severity": _SHOWN[row["severity"]], "level": row["severity"],
        "status": status_of(row["status"], row["acknowledged_at"]), "state": row["status"],
        "assigned_to_name": row["lead"], "affected_users": row["users"], "affected_tenants": row["tenants"],
        "requests_failed": row["requests_failed"],
    }  # fmt: skip
