"""What the mails about levels say. Pure but for the address of the portal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.kernel.settings import settings
from core.support.tickets.numbers import shown

TARGETS = {"first_response": "First response", "next_response": "Next response", "resolution": "Resolution"}
_STATES = {"100": "overdue", "90": "at 90 %", "75": "at 75 %", "50": "at 50 %"}  # the gravest first
LONGEST = 100


def mail_of(digest: Any, tickets: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of one digest; `tickets` by id as text, without those that are gone."""
    lines = [_line(item, tickets[str(item["ticket_id"])]) for item in digest.items if str(item["ticket_id"]) in tickets]
    if digest.kind == "escalated":
        return _escalated(digest, lines, tickets)
    counts = {level: int(digest.levels.get(level, 0)) for level in _STATES}
    total = sum(counts.values())
    told = ", ".join(f"{count:,} {_STATES[level]}" for level, count in counts.items() if count)
    subject = f"Tickets: {told}" if total > 1 or not lines else lines[0].splitlines()[0]
    more = f"{total - len(lines):,} more are on the page Escalations.\n" if total > len(lines) else ""
    begin = f"Of the time they may take, tickets have used up so much: {told}.\n\n"
    return subject, "".join([begin, *(f"{line}\n" for line in lines), more])


def _escalated(digest: Any, lines: list[str], tickets: Mapping[str, Any]) -> tuple[str, str]:
    item = digest.items[0]
    ticket = tickets.get(str(item["ticket_id"]))
    name = shown(ticket.number) if ticket else "A ticket"
    by = item.get("by") or "Somebody"
    begin = f"{by} escalated this ticket.\n\nReason: {digest.note}\n\n"
    return f"{name} was escalated to you", "".join([begin, *(f"{line}\n" for line in lines)])


def _line(item: Mapping[str, Any], ticket: Any) -> str:
    level = item.get("level")
    state = f" {_STATES[str(level)]}" if level else ""
    target = f": {TARGETS[item['target']].lower()}{state}" if item.get("target") else ""
    due = f", due {_moment(item['due_at'])}" if item.get("due_at") else ""
    about = " · ".join(part for part in (ticket.priority, ticket.tenant, ticket.subject[:LONGEST]) if part)
    return f"{shown(ticket.number)}{target}{due}\n  {about}\n  {link(item['ticket_id'])}\n"


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%d %b %Y %H:%M} UTC"


def link(ticket_id: Any) -> str:
    """Where the ticket is shown; in words while nobody said where the portal is."""
    base = settings().public_url
    return f"{base.rstrip('/')}/ticket?id={ticket_id}" if base else "Look in Quarterdeck, Support, Queue."
