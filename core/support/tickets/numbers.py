"""Numbers of tickets: in sequence, without gaps, whoever opens tickets at the same time."""

from sqlalchemy import update

from core.kernel.settings import settings
from core.kernel.writes import Transaction
from core.support.tickets.models import Ticket, TicketCounter

DIGITS = 6


def take(tx: Transaction, count: int = 1) -> int:
    """The first of the next `count` numbers. The counter stays locked until the end, so that a rollback gives them back."""
    step = update(TicketCounter).where(TicketCounter.id == 1).values(last=TicketCounter.last + count)
    last = tx.session.execute(step.returning(TicketCounter.last)).scalar_one()
    return int(last) - count + 1


def prefix() -> str:
    return settings().ticket_prefix


def shown(number: int) -> str:
    """Such as `QD-000042`."""
    return f"{prefix()}{number:0{DIGITS}d}"


def number_of(ticket: Ticket) -> str:
    return shown(ticket.number)


def parsed(text: str) -> int | None:
    """The number that somebody typed: `QD-000042`, `#42` or `42`; None for what is none."""
    typed = text.strip().removeprefix("#")
    plain = typed[len(prefix()) :] if typed.lower().startswith(prefix().lower()) else typed
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 18 else None
