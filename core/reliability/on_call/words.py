"""What a page says to people and channels. Pure but for the address of the portal."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core.health.channels.sending import Message, Tone
from core.reliability.incidents.rules import number_of
from core.reliability.on_call import links

LONGEST = 500
_TONES: dict[str, Tone] = {"sev1": "failure", "sev2": "failure", "sev3": "warning"}


def message(told: Any, *, name: str | None, now: datetime) -> Message:
    """`told` is a row of `delivering`: the delivery with its page and incident; `name` is the colleague's, None for a channel."""
    reference = number_of(told.number)
    subject = f"[{told.severity.upper()}] {reference}: {told.title}"
    lines = [
        *_greeting(told, name),
        *_about(told, now),
        "",
        f"The incident: {links.incident_address(told.incident_id)}",
    ]
    # Services for incidents open one by this key, and take what follows for the same.
    return Message(subject, "\n".join(lines), _TONES.get(told.severity, "failure"), str(told.id), str(told.page_id))


def _greeting(told: Any, name: str | None) -> list[str]:
    if name is None:
        return ["Somebody is needed. Sign in to Quarterdeck and acknowledge the page.", ""]
    address = links.acknowledge_address(UUID(str(told.id)), told.token_digest)
    link = [f"Acknowledge: {address}"] if address else ["Sign in to Quarterdeck to acknowledge."]
    return [f"{name}, you are called.", "", *link, "Nobody else is called once you have.", ""]


def _about(told: Any, now: datetime) -> list[str]:
    minutes = int((now - told.started_at).total_seconds() // 60)
    services = ", ".join(told.services) or "not said"
    place = f"step {told.step + 1}" + (f", round {told.round + 1}" if told.round else "")
    described = [told.description[:LONGEST], ""] if told.description else []
    return [
        *described, f"Status: {told.incident_status}", f"Services: {services}",
        f"Since: {told.started_at.astimezone(UTC):%d %b %Y %H:%M} UTC ({minutes:,} min)",
        f"Called by: {told.policy}, {place}",
    ]  # fmt: skip
