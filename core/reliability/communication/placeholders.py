"""Placeholders of messages, such as {{incident.title}}. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from core.kernel.errors import Invalid

# Filled when the message is written, so that it is sent as it was approved.
WRITTEN = {
    "incident.number": "Number, such as INC-000042",
    "incident.title": "Title; outside of the house the public one, where there is one",
    "incident.severity": "Severity",
    "incident.status": "State, as the message tells it",
    "incident.services": "What is hit",
    "incident.started_at": "When it began",
    "incident.duration": "How long it has lasted",
    "incident.url": "Its page in the portal, for colleagues",
    "impact.tenants": "How many customers are hit",
    "impact.users": "How many people are hit",
    "impact.requests_failed": "How many requests failed",
    "author.name": "Name of who writes",
}
# Filled when it is sent.
SENT = {"next_update.at": "When the next message comes", "sent.at": "When this one was sent"}
# Filled for each recipient of a mail.
EACH = {"tenant.name": "Name of the recipient's tenant"}
KNOWN = {**WRITTEN, **SENT, **EACH}
_MARK = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def names_in(text: str) -> list[str]:
    """The placeholders of a text, each once, in order."""
    return list(dict.fromkeys(_MARK.findall(text)))


def require_known(text: str, *, field: str = "body") -> None:
    """Raises Invalid for a placeholder that nothing would ever fill, or whose braces do not close."""
    if unknown := [name for name in names_in(text) if name not in KNOWN]:
        told = ", ".join("{{" + name[:40] + "}}" for name in unknown[:5])
        raise _bad(field, f"{told} is no placeholder. Known are {', '.join('{{' + name + '}}' for name in KNOWN)}.")
    rest = _MARK.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise _bad(field, "A placeholder is not closed. Write it like {{incident.title}}.")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in place; what a value itself holds is left as it is, and so is what has no value."""
    return _MARK.sub(lambda found: values.get(found[1], found[0]), text)


def moment(at: datetime) -> str:
    """Such as `21 Nov 2026 14:30 UTC`: read in many zones, so always in this one."""
    return f"{at.astimezone(UTC):%d %b %Y %H:%M} UTC"


def length(span: timedelta) -> str:
    """Such as `1 d 2 h`, `2 h 5 min` or `12 min`."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = (f"{days} d" if days else "", f"{hours} h" if hours else "", f"{rest} min" if rest and not days else "")
    return " ".join(part for part in parts if part) or "less than a minute"


def _bad(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})
