"""What may be said of dedicated infrastructure, and what may become of it. Pure."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.customers.infrastructure import regions
from core.customers.infrastructure.checklist import MAX_EVIDENCE
from core.customers.infrastructure.secrecy import require_no_secret
from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid

STATUSES = ("requested", "provisioning", "ready", "retired")
LIVE = ("requested", "provisioning", "ready")
# Which acts a record of which status bears.
ALLOWED = {
    "update": frozenset(LIVE), "start": frozenset({"requested"}), "make_ready": frozenset({"provisioning"}),
    "retire": frozenset(LIVE), "step": frozenset({"requested", "provisioning"}),
}  # fmt: skip
_REFUSALS = {
    "update": "This infrastructure is retired; its record is kept as it was.",
    "start": "Provisioning began already: this infrastructure is {status}.",
    "make_ready": "This infrastructure is {status}; only what is being provisioned becomes ready.",
    "retire": "This infrastructure is retired already.",
    "step": "This infrastructure is {status}; its checklist is closed.",
}
MAX_NOTES = 2_000
MAX_SIZE = 1_000_000
# PostgreSQL, section 4.1.1: 63 bytes; quoted names may have hyphens.
_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]{0,62}")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+/:-]{0,79}")


def require(act: str, status: str) -> None:
    """That a record of this status bears the act. Raises Invalid."""
    if status not in ALLOWED[act]:
        raise Invalid(_REFUSALS[act].format(status=status))


def require_known(values: Mapping[str, Any]) -> None:
    """What is ready must be known where it is. Raises Invalid naming what is not."""
    needed = {"host": "the database's host", "database_name": "the database", "region_group": "where the region lies"}
    missing = {name: f"Say {told} first." for name, told in needed.items() if not values.get(name)}
    if missing:
        raise Invalid(f"Not known yet: {', '.join(needed[name] for name in missing)}. Fill these in first.", missing)


def clean_host(value: Any) -> str:
    """A host's name or address and nothing else. Raises Invalid, also for a URL, a port, or a user."""
    text = require_no_secret("host", str(value).strip()).lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        labels = text.split(".")
    if len(text) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Invalid("The host is a name or address alone, such as db-7.eu.example.com: no URL, port, user or spaces.")
    return text


def _clean_database(value: Any) -> str:
    text = require_no_secret("database_name", str(value).strip())
    if not _DATABASE.fullmatch(text):
        raise Invalid("The database is a name of at most 63 letters, digits, _, $ and -, such as acme_prod.")
    return text


def _word(field: str, what: str) -> Callable[[Any], str]:
    def cleaned(value: Any) -> str:
        text = require_no_secret(field, " ".join(str(value).split()))
        if not _WORD.fullmatch(text):
            raise Invalid(f"{what} has 1 to 80 letters, digits, spaces and . _ + / : -.")
        return text

    return cleaned


def _clean_region(value: Any) -> str:
    return _word("region", "The region")(str(value).strip().lower())


def _clean_provider(value: Any) -> str:
    if value not in regions.PROVIDERS:
        raise Invalid(f"The provider is one of: {', '.join(regions.PROVIDERS)}.")
    return str(value)


def _size(what: str) -> Callable[[Any], int]:
    def cleaned(value: Any) -> int:
        text = str(value).strip()
        if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= MAX_SIZE:
            raise Invalid(f"{what} is a whole number from 1 to {MAX_SIZE:,}.")
        return int(text)

    return cleaned


def clean_text(field: str, value: Any, most: int = MAX_NOTES) -> str | None:
    """Free words, without control characters and without what looks like a secret. Raises Invalid."""
    text = "".join(one for one in str(value) if one.isprintable() or one in "\n\t").strip()
    if len(text) > most:
        raise Invalid(f"Write at most {most:,} characters.", {field: f"Write at most {most:,} characters."})
    return require_no_secret(field, text) or None


def clean_evidence(value: Any) -> str | None:
    return clean_text("evidence", value, MAX_EVIDENCE)


def _clean_group(value: Any) -> str:
    return str(value)


_CLEAN: dict[str, Callable[[Any], Any]] = {
    "provider": _clean_provider, "region": _clean_region, "region_group": _clean_group, "host": clean_host,
    "database_name": _clean_database, "compute": _word("compute", "The server"), "cpus": _size("CPUs"),
    "memory_gb": _size("Memory"), "storage_gb": _size("Storage"), "database_version": _word("database_version", "The version"),
    "notes": lambda value: clean_text("notes", value),
}  # fmt: skip
FIELDS = tuple(_CLEAN)
REQUIRED = ("provider", "region")


def _or_unknown(field: str) -> Callable[[Any], Any]:
    def clean_one(value: Any) -> Any:
        if value is not None and str(value).strip():
            return _CLEAN[field](value)
        if field in REQUIRED:
            raise Invalid(f"Say the {field}.")
        return None

    return clean_one


_CLEANERS = {field: _or_unknown(field) for field in FIELDS}


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored; None and nothing are unknown. Raises one Invalid that names every bad field."""
    return cleaned(values, _CLEANERS)


def clean_due(value: date | None, *, now: datetime) -> date | None:
    """A day from a year ago to ten years on. Raises Invalid."""
    if value is not None and not -366 <= (value - now.date()).days <= 3_660:
        raise Invalid("The day is too far away.", {"due_on": "The day is too far away."})
    return value


def require_operator(found: UUID | None) -> None:
    """Raises Invalid when there is no such operator."""
    if found is None:
        raise Invalid("This colleague does not exist or is disabled.", {"owner_id": "Choose somebody else."})
