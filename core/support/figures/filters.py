"""What every figure is narrowed by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from core.support.tickets.models import Ticket

UNASSIGNED = "Nobody"


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to `until` (UTC), the end excluded."""

    since: datetime
    until: datetime

    @property
    def before(self) -> "Period":
        """The same length of time right before, to compare with."""
        return Period(self.since - (self.until - self.since), self.since)

    def holds(self, moment: Any) -> ColumnElement[bool]:
        """The condition that a column lies in the period."""
        condition: ColumnElement[bool] = (moment >= self.since) & (moment < self.until)
        return condition


@dataclass(frozen=True, slots=True)
class Filters:
    """None of a kind chosen means all. Priority and team are those that a ticket has today."""

    period: Period
    priorities: tuple[str, ...] = ()
    team_ids: tuple[UUID, ...] = ()

    @property
    def before(self) -> "Filters":
        return Filters(self.period.before, self.priorities, self.team_ids)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.priorities or self.team_ids)

    def conditions(self) -> list[ColumnElement[bool]]:
        """On tickets, without the period."""
        found: list[ColumnElement[bool]] = []
        if self.priorities:
            found.append(Ticket.priority.in_(self.priorities))
        if self.team_ids:
            found.append(Ticket.team_id.in_(self.team_ids))
        return found
