"""What may be said of a tenant, and what may become of it. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from core.kernel.errors import Invalid

STATUSES = ("active", "trial", "suspended", "deleted", "purged")
TIERS = ("free", "basic", "pro", "enterprise")
REGIONS = ("US", "EU", "APAC")
EDITABLE = ("name", "domain", "tier", "region", "seats")
MAX_NAME = 200
MAX_SEATS = 1_000_000

# A label is 1 to 63 letters, digits and inner hyphens (RFC 1123, section 2.1); 253 characters in all.
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def clean_domain(text: str) -> str:
    """The domain in lower case, international names in their ASCII form. Raises Invalid."""
    given = text.strip().rstrip(".").lower()
    try:
        domain = given.encode("idna").decode() if not given.isascii() else given
    except UnicodeError as error:
        raise _no_domain(text) from error
    labels = domain.split(".")
    if len(domain) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _no_domain(text)
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
}


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    cleaned: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field, value in values.items():
        if field not in _CLEAN:
            problems[field] = f"{field} cannot be edited here."
            continue
        try:
            cleaned[field] = _CLEAN[field](value)
        except Invalid as error:
            problems[field] = str(error)
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
    return cleaned


def require_editable(status: str) -> None:
    """A deleted tenant is read-only. Raises Invalid."""
    if status == "deleted":
        raise Invalid("This tenant is deleted. Restore it before you edit it.")


def require_suspendable(status: str) -> None:
    """Only a tenant that is active or on trial can be suspended. Raises Invalid."""
    if status not in ("active", "trial"):
        raise Invalid(f"This tenant is {status}; only an active tenant or one on trial can be suspended.")


def require_suspended(status: str) -> None:
    """Only a suspended tenant can be reactivated. Raises Invalid."""
    if status != "suspended":
        raise Invalid(f"This tenant is {status}, not suspended; there is nothing to reactivate.")


def require_deleted(status: str) -> None:
    """Only a deleted tenant can be restored. Raises Invalid."""
    if status != "deleted":
        raise Invalid(f"This tenant is {status}, not deleted; there is nothing to restore.")
