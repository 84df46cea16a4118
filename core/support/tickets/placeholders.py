"""Placeholders of prepared answers, such as {{requester.name}}. Pure."""

import re
from collections.abc import Mapping

from core.kernel.errors import Invalid

# By name: what stands there, for who writes the answer.
KNOWN = {
    "requester.name": "Name of who asks",
    "requester.first_name": "First word of that name",
    "ticket.number": "Number, such as QD-000042",
    "ticket.subject": "Subject",
    "ticket.status": "State",
    "ticket.priority": "Priority",
    "ticket.category": "Category",
    "tenant.name": "Name of the tenant",
    "agent.name": "Name of who answers",
}
_MARK = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def names_in(text: str) -> list[str]:
    """The placeholders of a text, each once, in order."""
    return list(dict.fromkeys(_MARK.findall(text)))


def require_known(text: str) -> None:
    """Raises Invalid for a placeholder that nothing would ever fill, or whose braces do not close."""
    if unknown := [name for name in names_in(text) if name not in KNOWN]:
        told = ", ".join("{{" + name[:40] + "}}" for name in unknown[:5])
        raise _bad(f"{told} is no placeholder. Known are {', '.join('{{' + name + '}}' for name in KNOWN)}.")
    rest = _MARK.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise _bad("A placeholder is not closed. Write it like {{requester.name}}.")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in place; what a value itself holds is left as it is."""
    return _MARK.sub(lambda found: values.get(found[1], found[0]), text)


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, {"body": sentence})
