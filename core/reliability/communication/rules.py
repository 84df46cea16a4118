"""What may be told by which way to whom, and who has to agree. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid
from core.kernel.reads import as_id
from core.reliability.communication import placeholders
from core.reliability.communication.models import AUDIENCES, CHANNELS
from core.reliability.communication.models import STATUSES as MESSAGE_STATUSES
from core.reliability.incidents.rules import STATUSES, clean_text, one_of, storable
from core.reliability.status_page.models import COMPONENT_STATES

# Pages know them from here: they see no models.
__all__ = ["AUDIENCES", "CHANNELS", "COMPONENT_STATES", "MESSAGE_STATUSES", "clean_text"]

# Whom each way reaches; the first one is meant where nothing is said.
AUDIENCES_OF: Mapping[str, tuple[str, ...]] = {
    "status_page": ("public",), "mail": ("affected", "all", "tenants", "internal"), "slack": ("internal", "public"),
}  # fmt: skip
MAX_SUBJECT, MAX_BODY, MAX_NAME = 200, 10_000, 80
MAX_TENANTS, MAX_CHANNELS = 1_000, 20
LONGEST_MINUTES = 7 * 24 * 60
EDITABLE = ("subject", "body", "tenant_ids", "channel_ids", "incident_status", "components", "next_update_minutes")


def needs_approval(severity: str, audience: str) -> bool:
    """Whether somebody else must agree: what leaves the house about a SEV1. Colleagues are never kept waiting."""
    return severity == "sev1" and audience != "internal"


def audience_of(channel: str, audience: str | None) -> str:
    """Raises Invalid for a way or an audience that it does not reach."""
    known = AUDIENCES_OF[one_of("channel", channel, CHANNELS)]
    return one_of("audience", audience or known[0], known)


def clean_subject(value: Any) -> str:
    """One line; may be empty. Raises Invalid."""
    subject = " ".join(storable(value or "").split())
    if len(subject) > MAX_SUBJECT:
        raise _bad("subject", f"Write a subject of at most {MAX_SUBJECT} characters.")
    placeholders.require_known(subject, field="subject")
    return subject


def clean_body(value: Any) -> str:
    """Raises Invalid for none, for one that is too long, and for a placeholder that nothing fills."""
    body = clean_text(value, field="body", name="message")
    if len(body) > MAX_BODY:
        raise _bad("body", f"The message has more than {MAX_BODY:,} characters. Write a shorter one.")
    placeholders.require_known(body)
    return body


def _ids(field: str, value: Any, most: int) -> list[UUID]:
    found = [one if isinstance(one, UUID) else as_id(str(one)) for one in value or ()]
    ids = list(dict.fromkeys(one for one in found if one is not None))
    if None in found or len(ids) > most:
        raise _bad(field, f"Choose at most {most:,} from the list.")
    return ids


def _minutes(value: Any) -> int | None:
    if value in (None, 0):
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST_MINUTES:
        raise _bad("next_update_minutes", f"Give the time to the next update in minutes, 1 to {LONGEST_MINUTES:,}.")
    return value


def _components(value: Any) -> dict[str, str]:
    given = dict(value or {})
    is_known = all(as_id(str(key)) and state in COMPONENT_STATES for key, state in given.items())
    if not is_known or len(given) > MAX_TENANTS:
        raise _bad("components", f"Give a component's id and one of {', '.join(COMPONENT_STATES)}.")
    return {str(as_id(str(key))): str(state) for key, state in given.items()}


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    ways = {
        "subject": clean_subject, "body": clean_body, "tenant_ids": lambda value: _ids("tenant_ids", value, MAX_TENANTS),
        "channel_ids": lambda value: _ids("channel_ids", value, MAX_CHANNELS), "components": _components,
        "incident_status": lambda value: one_of("incident_status", value, STATUSES), "next_update_minutes": _minutes,
    }  # fmt: skip
    return cleaned(values, ways)


def editable(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, when all of them may be changed. Raises Invalid."""
    if unknown := [field for field in values if field not in EDITABLE]:
        raise Invalid(
            f"{', '.join(unknown)} cannot be changed here.", dict.fromkeys(unknown, "Cannot be changed here.")
        )
    return dict(values)


def require_whole(message: Any) -> None:
    """That the message can be sent as it is. Raises Invalid."""
    text = f"{message.subject}\n{message.body}"
    if message.channel == "slack" and not message.channel_ids:
        raise _bad("channel_ids", "Choose at least one channel to send it to.")
    if message.audience == "tenants" and not message.tenant_ids:
        raise _bad("tenant_ids", "Choose at least one tenant to send it to.")
    if message.channel == "mail" and not message.subject:
        raise _bad("subject", "A mail needs a subject.")
    if message.channel != "mail" and "tenant.name" in placeholders.names_in(text):
        raise _bad("body", "{{tenant.name}} is for mails: here everybody reads the same text.")
    if "next_update.at" in placeholders.names_in(text) and message.next_update_minutes is None:
        raise _bad("next_update_minutes", "The text names the next update. Say when it comes, or leave that out.")
    if message.components and message.channel != "status_page":
        raise _bad("components", "Only a message on the status page changes components.")


def require_status(message: Any, allowed: Sequence[str], verb: str) -> None:
    """Raises Invalid for a message that is past that."""
    if message.status not in allowed:
        raise _bad("status", f"This message is {message.status}; it cannot be {verb} any more.")


def require_other(author_ids: Sequence[UUID], approver_id: UUID | None) -> None:
    """That the approver is a person who did not write on it. Raises Invalid."""
    if approver_id is None or approver_id in author_ids:
        raise _bad("approved_by", "Somebody else has to approve this: whoever wrote on it cannot.")


def next_update(message: Any, *, now: datetime) -> datetime | None:
    """When the next public word is due after this one; None where none was promised."""
    return None if message.next_update_minutes is None else now + timedelta(minutes=message.next_update_minutes)


def _bad(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})
