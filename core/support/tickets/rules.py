"""What may be said in a ticket, and what may become of it. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.access.operators.rules import clean_email, clean_name
from core.customers.tenants.tagging import clean_tags
from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid
from core.support.tickets.models import ACTIVE, CHANNELS, PRIORITIES, STATUSES

__all__ = ["ACTIVE"]  # pages know it from here: they see no models

MAX_SUBJECT = 300
MAX_CATEGORY = 60
MAX_LABEL = 300
MAX_BODY = 1024 * 1024  # bytes in UTF-8
MAX_NOTE = 100_000
EDITABLE = ("subject", "priority", "category", "tags", "team_id", "tenant_id")
TITLES = {"open": "open", "in_progress": "in progress", "waiting": "waiting", "resolved": "resolved", "closed": "closed",
          "reopened": "reopened"}  # fmt: skip

# Into which states a ticket may go from each. Closed ones come back through `reopen` alone.
MOVES: dict[str, frozenset[str]] = {
    "open": frozenset({"in_progress", "waiting", "resolved"}),
    "in_progress": frozenset({"waiting", "resolved"}),
    "waiting": frozenset({"in_progress", "resolved"}),
    "resolved": frozenset({"closed", "reopened"}),
    "closed": frozenset({"reopened"}),
    "reopened": frozenset({"in_progress", "waiting", "resolved"}),
}
# What is not chosen as a state, because more is to be said than that.
_OWN_ACT = {"resolved": "Resolve the ticket with a note that says how.", "reopened": "Reopen the ticket and say why."}
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def _bad(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})


def storable(text: str) -> str:
    """The text with a visible mark where it has what no database text holds: NUL and halves of characters."""
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", str(text))


def clean_subject(value: Any) -> str:
    """One line. Raises Invalid."""
    subject = " ".join(storable(value or "").split())
    if not subject or len(subject) > MAX_SUBJECT:
        raise _bad("subject", f"Give the ticket a subject of 1 to {MAX_SUBJECT} characters.")
    return subject


def clean_body(value: Any, *, field: str = "body", name: str = "message") -> str:
    """The text as it was written, without blank lines around it. Raises Invalid for none and for more than 1 MB."""
    body = storable(value or "").strip()
    if not body:
        raise _bad(field, f"Write the {name}: it is empty.")
    if len(body.encode()) > MAX_BODY:
        raise _bad(field, f"The {name} is longer than 1 MB. Attach the long part as a file instead.")
    return body


def clean_category(value: Any) -> str | None:
    """In lower case; None for none. Raises Invalid."""
    category = " ".join(storable(value or "").lower().split())
    if len(category) > MAX_CATEGORY:
        raise _bad("category", f"A category has at most {MAX_CATEGORY} characters. Choose a shorter one.")
    return category or None


def clean_author(value: Any) -> str:
    """The name of somebody who wrote; one who has none is told as such."""
    return " ".join(storable(value or "").split())[:MAX_LABEL] or "Unknown"


def clean_label(value: Any) -> str | None:
    """An id that another system gave, such as a correlation id or a Message-ID; None for none. Raises Invalid."""
    label = storable(value or "").strip()
    if len(label) > MAX_LABEL:
        raise Invalid(f"An id of another system has at most {MAX_LABEL} characters. Look whether this one is whole.")
    return label or None


def clean_reason(value: Any) -> str:
    """Raises Invalid for none."""
    reason = storable(value or "").strip()
    if not reason or len(reason) > MAX_NOTE:
        raise _bad("reason", "Say why in a few words.")
    return reason


def one_of(field: str, value: Any, allowed: Iterable[str]) -> str:
    """Raises Invalid."""
    known = tuple(allowed)
    if value not in known:
        raise _bad(field, f"Choose one of {', '.join(known)} as {field}.")
    return str(value)


_CLEAN = {
    "subject": clean_subject,
    "description": lambda value: clean_body(value, field="description", name="description"),
    "priority": lambda value: one_of("priority", value, PRIORITIES),
    "category": clean_category,
    "channel": lambda value: one_of("channel", value, CHANNELS),
    "tags": lambda value: clean_tags(storable(one) for one in value or ()),
    "team_id": lambda value: value,  # whether team and tenant exist is the database's to say
    "tenant_id": lambda value: value,
    "requester_name": lambda value: clean_name(storable(value or "")),
    "requester_email": lambda value: clean_email(storable(value)) if value else None,
}


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    return cleaned(values, _CLEAN)


def clean_edit(values: Mapping[str, Any]) -> dict[str, Any]:
    """As `clean`, of what may be edited in a ticket. Raises Invalid."""
    if unknown := [field for field in values if field not in EDITABLE]:
        raise Invalid(f"{', '.join(unknown)} cannot be edited here.", dict.fromkeys(unknown, "Cannot be edited here."))
    return clean(values)


def require_status(value: Any) -> str:
    """A state that can be chosen, and not one that takes an act of its own. Raises Invalid."""
    status = one_of("status", value, STATUSES)
    if status in _OWN_ACT:
        raise _bad("status", _OWN_ACT[status])
    return status


def require_move(status: str, wanted: str) -> None:
    """That a ticket goes from one state to the other. Raises Invalid."""
    if wanted in MOVES[status]:
        return
    ways = [TITLES[one] for one in STATUSES if one in MOVES[status]]
    sentence = f"This ticket is {TITLES[status]}; it can become {' or '.join(ways)}, and not {TITLES[wanted]}."
    raise _bad("status", sentence)


def require_open(status: str) -> None:
    """That a ticket can still be worked on. Raises Invalid for a closed one."""
    if status == "closed":
        raise _bad("status", "This ticket is closed. Reopen it first, or open a new one.")


def require_active(status: str) -> None:
    """That there is still work to be done. Raises Invalid for a resolved or closed ticket."""
    if status not in ACTIVE:
        raise _bad("status", f"This ticket is {TITLES[status]}; there is nothing to do in it.")


def require_unmerged(merged_into_id: Any) -> None:
    """Raises Invalid for a ticket that went on in another one."""
    if merged_into_id is not None:
        raise _bad("status", "This ticket was merged into another one. Go on there.")


def after_customer(status: str) -> str:
    """The state of a ticket once its customer has written; a closed one is not written to."""
    return {"waiting": "in_progress", "resolved": "reopened"}.get(status, status)
