"""When a flag has outlived its purpose, and whom its rules name. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

FULL_FOR, OFF_FOR, UNUSED_FOR = timedelta(days=30), timedelta(days=90), timedelta(days=30)


class Stale(NamedTuple):
    """Why a flag should go, and since when that has been so."""

    kind_of: str
    why: str
    since: datetime


def outlived(flag: Mapping[str, Any], now: datetime) -> Stale | None:
    """The first reason that holds: past its date; on for everybody for 30 days; off for 90; not evaluated for 30 days or
    never, when it is that old. `flag`: expires_on, created_at, updated_at (of the environment), state, last_evaluated_at."""
    since, seen = flag["updated_at"], flag["last_evaluated_at"]
    quiet = seen or flag["created_at"]
    ends = datetime.combine(flag["expires_on"], time.max, UTC) if flag["expires_on"] else None
    reasons = (
        (ends is not None and ends < now, "expired", f"It was to be gone by {flag['expires_on']}.", ends),
        (
            flag["state"] == "on" and now - since > FULL_FOR,
            "fully rolled out",
            _for("On for everybody", now - since),
            since,
        ),
        (flag["state"] in ("off", "killed") and now - since > OFF_FOR, "off", _for("Off", now - since), since),
        (seen is None and now - quiet > UNUSED_FOR, "never evaluated", _for("Never evaluated", now - quiet), quiet),
        (now - quiet > UNUSED_FOR, "not evaluated", _for("Not evaluated", now - quiet), quiet),
    )
    return next((Stale(kind, why, at) for holds, kind, why, at in reasons if holds and at is not None), None)


def _for(what: str, span: timedelta) -> str:
    return f"{what} for {span.days} days."


def named(rules: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """The tenants and users that rules list by id."""
    found: dict[str, set[str]] = {"tenant_id": set(), "user_id": set()}
    for condition in (one for rule in rules for one in rule["conditions"]):
        if condition["operator"] == "in" and condition["attribute"] in found:
            found[condition["attribute"]] |= {str(value) for value in condition["values"]}
    return found
