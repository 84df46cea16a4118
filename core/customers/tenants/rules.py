"""What may be said of a tenant, and what may become of it. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import idna

from core.access.operators.rules import clean_email, clean_name
from core.customers.tenants.tagging import clean_tags
from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid

STATUSES = ("active", "trial", "suspended", "deleted", "purged")
GONE = ("deleted", "purged")
TIERS = ("free", "basic", "pro", "enterprise")
REGIONS = ("US", "EU", "APAC")
EDITABLE = ("name", "domain", "region")  # plan and seats are the subscription's
GRACE = timedelta(days=30)  # iris 3.2: a deleted tenant can be brought back for so long
LONGEST_TRIAL = timedelta(days=365)
MAX_NAME = 200
MAX_SEATS = 1_000_000

# A label is 1 to 63 letters, digits and inner hyphens (RFC 1123, section 2.1); 253 characters in all.
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def clean_domain(text: str) -> str:
    """The domain in lower case, an internationalised one in its ASCII form (IDNA 2008, UTS 46). Raises Invalid."""
    given = text.strip().rstrip(".")
    try:
        domain = idna.encode(given, uts46=True).decode() if _is_international(given) else given.lower()
    except UnicodeError as error:
        raise _no_domain(text) from error
    labels = domain.split(".")
    if len(domain) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _no_domain(text)
    return domain


def _is_international(text: str) -> bool:
    return not text.isascii() or any(label.startswith("xn--") for label in text.lower().split("."))


def shown_domain(domain: str) -> str:
    """The domain as people write it: an internationalised one in its own letters."""
    try:
        return idna.decode(domain) if "xn--" in domain else domain
    except UnicodeError:
        return domain


def _no_domain(text: str) -> Invalid:
    return Invalid(
        f"“{text.strip()[:80]}” is not a domain. Write it like example.com.", {"domain": "Write it like example.com."}
    )


def _clean_name(text: str) -> str:
    name = " ".join(str(text).split())
    if not name or len(name) > MAX_NAME:
        sentence = f"Give the tenant a name of 1 to {MAX_NAME} characters."
        raise Invalid(sentence, {"name": sentence})
    return name


def _clean_seats(value: Any) -> int:
    sentence = f"Seats are a whole number from 1 to {MAX_SEATS:,}."
    if isinstance(value, bool) or not str(value).strip().isdigit() or not 1 <= int(value) <= MAX_SEATS:
        raise Invalid(sentence, {"seats": sentence})
    return int(value)


def _one_of(field: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        sentence = f"Choose one of {', '.join(allowed)} as {field}."
        raise Invalid(sentence, {field: sentence})
    return str(value)


_CLEAN = {
    "name": _clean_name,
    "domain": clean_domain,
    "tier": lambda value: _one_of("tier", value, TIERS),
    "region": lambda value: _one_of("region", value, REGIONS),
    "seats": _clean_seats,
    "tags": clean_tags,
    "csm_id": lambda value: value,  # whether the operator exists is the database's to say
}


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    return cleaned(values, _CLEAN)


def clean_owner(name: str, email: str) -> tuple[str, str]:
    """Name and address of the owner. Raises one Invalid that names both where both are bad."""
    problems: dict[str, str] = {}
    cleaned = []
    for field, clean_one, value in (("owner_name", clean_name, name), ("owner_email", clean_email, email)):
        try:
            cleaned.append(clean_one(value))
        except Invalid as error:
            problems[field] = str(error)
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
    return cleaned[0], cleaned[1]


def require_future(trial_ends_on: date | None, today: date) -> None:
    """A trial ends on a later day, and within a year. Raises Invalid."""
    if trial_ends_on is not None and not today < trial_ends_on <= today + LONGEST_TRIAL:
        sentence = f"A trial ends on a day after today, at the latest on {today + LONGEST_TRIAL}."
        raise Invalid(sentence, {"trial_ends_on": sentence})


def clean_edit(values: Mapping[str, Any]) -> dict[str, Any]:
    """As `clean`, of what may be edited: plan and seats change with the subscription alone. Raises Invalid."""
    if sold := [field for field in ("tier", "seats") if field in values]:
        sentence = "Plan and seats are changed with the subscription, and not here."
        raise Invalid(sentence, dict.fromkeys(sold, sentence))
    return clean(values)


# Which acts a tenant of which status bears; everything else is refused.
ALLOWED = {
    "update": frozenset({"active", "trial", "suspended"}),
    "suspend": frozenset({"active", "trial"}),
    "reactivate": frozenset({"suspended"}),
    "delete": frozenset({"active", "trial", "suspended"}),
    "restore": frozenset({"deleted"}),
    "purge": frozenset({"deleted"}),
}
_REFUSALS = {
    "update": "This tenant is {status}. Restore it before you edit it.",
    "suspend": "This tenant is {status}; only an active tenant or one on trial can be suspended.",
    "reactivate": "This tenant is {status}, not suspended; there is nothing to reactivate.",
    "delete": "This tenant is {status} already.",
    "restore": "This tenant is {status}, not deleted; there is nothing to restore.",
    "purge": "This tenant is {status}; only a deleted tenant is purged.",
}
_PURGED = "This tenant was purged: its data are gone, and nothing can be done with it any more."


def require(act: str, status: str) -> None:
    """That a tenant of this status bears the act. Raises Invalid."""
    if status not in ALLOWED[act]:
        raise Invalid(_PURGED if status == "purged" else _REFUSALS[act].format(status=status))


def require_editable(status: str) -> None:
    """A deleted tenant is read-only. Raises Invalid."""
    require("update", status)


def require_within_grace(purge_after: datetime | None, now: datetime) -> None:
    """Once the grace is over the tenant's data are being removed. Raises Invalid."""
    if purge_after is not None and purge_after <= now:
        raise Invalid(
            f"The days in which this tenant could be restored ended on {purge_after:%Y-%m-%d}; its data are being removed."
        )


def require_grace_over(purge_after: datetime | None, now: datetime) -> None:
    """Raises Invalid for a tenant that can still be restored."""
    if purge_after is None or purge_after > now:
        raise Invalid("This tenant can still be restored; it is purged when its days of grace are over.")


def anonymous(tenant_id: UUID) -> dict[str, str]:
    """Name and domain of a purged tenant: `.invalid` is never anybody's (RFC 2606, section 2)."""
    return {"name": f"Purged tenant {tenant_id.hex[-8:]}", "domain": f"purged-{tenant_id.hex}.invalid"}
