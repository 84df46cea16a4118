"""What may be said of an API key, what it may be given, and what may become of it. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

from core.kernel.actor import Actor
from core.kernel.cleaning import cleaned
from core.kernel.errors import Denied, Invalid
from core.kernel.permissions import table
from core.platform.keys.format import MODES
from core.roles import ROLES

MAX_NAME = 100
DEFAULT_RATE, MAX_RATE = 600, 60_000
MAX_NETWORKS = 50
DEFAULT_OVERLAP, MAX_OVERLAP = timedelta(hours=24), timedelta(days=7)
# Verbs that change nothing: all that a key of the mode test may be given.
READING = frozenset({"read", "evaluate"})
STATUSES = ("active", "expired", "revoked")
FLAGS = {
    "never used": "Made more than 30 days ago and never used.",
    "unused": "Not used for 90 days.",
    "never expires": "Has no expiry.",
    "expires soon": "Expires within 14 days.",
}
NEVER_USED_AFTER, UNUSED_AFTER = timedelta(days=30), timedelta(days=90)
EXPIRES_SOON = timedelta(days=14)


def scopes() -> list[str]:
    """Every `resource:verb` of the product that a key can be given, sorted: what actions ask for and what roles hold."""
    asked = {rule.requires for rule in table().values() if rule.requires}
    granted = {grant for role in ROLES.values() for grant in role.grants}
    return sorted(one for one in asked | granted if ":" in one and "*" not in one)


def readable(chosen: Iterable[str]) -> frozenset[str]:
    """Those of the scopes that change nothing."""
    return frozenset(one for one in chosen if one.partition(":")[2] in READING)


def require_mode(mode: str, chosen: Iterable[str]) -> None:
    """A test key only reads. Raises Invalid."""
    if mode not in MODES:
        raise Invalid("A key is live or test.", {"mode": "Choose live or test."})
    writing = sorted(set(chosen) - readable(chosen))
    if mode == "test" and writing:
        sentence = f"A test key only reads. Remove {', '.join(writing)}, or make a live key."
        raise Invalid(sentence, {"scopes": sentence})


def require_held(actor: Actor, chosen: Iterable[str]) -> None:
    """Nobody gives, or gets hold of, what he may not do himself. Raises Denied."""
    missing = sorted(one for one in chosen if not actor.may(one))
    if missing:
        raise Denied(f"You cannot give a key what you may not do yourself: {', '.join(missing)}.")


def require_sight(actor: Actor, tenant_id: object) -> None:
    """A key of the whole platform is for those who see all tenants; a key of one tenant makes keys of that one."""
    if tenant_id is None and actor.scope != "all":
        raise Denied("A key for the whole platform is for those who see all tenants. Bind it to one tenant.")
    if actor.scope == "tenant" and tenant_id != actor.tenant_id:
        raise Denied("This key is bound to one tenant and makes keys for that tenant only.")


def status_of(revoked_at: datetime | None, expires_at: datetime | None, *, now: datetime) -> str:
    """One of STATUSES."""
    if revoked_at is not None:
        return "revoked"
    return "expired" if expires_at is not None and expires_at <= now else "active"


def require_active(revoked_at: datetime | None, expires_at: datetime | None, *, now: datetime) -> None:
    """Raises Invalid for a key that does not count any more."""
    require_not_revoked(revoked_at)
    if expires_at is not None and expires_at <= now:
        raise Invalid("This key has expired. Give it a later expiry first.")


def require_not_revoked(revoked_at: datetime | None) -> None:
    """A revoked key stays revoked. Raises Invalid."""
    if revoked_at is not None:
        raise Invalid("This key is revoked, for good. Create a new one.")


def require_overlap(overlap: timedelta) -> None:
    """Raises Invalid."""
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        sentence = "The old secret can count for 0 to 168 hours more."
        raise Invalid(sentence, {"overlap_hours": sentence})


def _clean_name(value: Any) -> str:
    name = " ".join(str(value).split())
    if not name or len(name) > MAX_NAME:
        raise Invalid(f"Give the key a name of 1 to {MAX_NAME} characters.")
    return name


def _clean_scopes(value: Any) -> list[str]:
    chosen = sorted({str(one).strip() for one in value})
    unknown = sorted(set(chosen) - set(scopes()))
    if unknown:
        raise Invalid(f"There is no scope {', '.join(unknown)[:200]}. Write resource:verb, such as tenants:read.")
    if not chosen:
        raise Invalid("Choose at least one scope.")
    return chosen


def _clean_rate(value: Any) -> int:
    if isinstance(value, bool) or not str(value).strip().isdecimal() or not 1 <= int(value) <= MAX_RATE:
        raise Invalid(f"The limit is a whole number of calls a minute, from 1 to {MAX_RATE:,}.")
    return int(value)


def _clean_networks(value: Any) -> list[str]:
    given = list(dict.fromkeys(str(one).strip() for one in value if str(one).strip()))
    if len(given) > MAX_NETWORKS:
        raise Invalid(f"List at most {MAX_NETWORKS} networks.")
    return list(dict.fromkeys(_network(one) for one in given))


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise Invalid(f"“{text[:60]}” is no network. Write 203.0.113.0/24, 2001:db8::/32 or one address.") from error


def _clean_expiry(value: Any, now: datetime) -> datetime | None:
    if value is None:
        return None
    moment: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
    if moment <= now:
        raise Invalid("The expiry must lie in the future.")
    return moment.astimezone(UTC)


def clean(values: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    cleaners: dict[str, Callable[[Any], Any]] = {
        "name": _clean_name, "scopes": _clean_scopes, "rate_limit_per_minute": _clean_rate,
        "allowed_networks": _clean_networks, "expires_at": lambda value: _clean_expiry(value, now),
    }  # fmt: skip
    return cleaned(values, cleaners)
