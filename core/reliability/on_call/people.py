"""Operators as those who are on call: by name, and whether they are in service.

Read as the portal itself: who plans a rotation needs a colleague's name, and not the rest of that account.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import pandas as pd
from sqlalchemy import select

from core.access.operators.models import Operator
from core.health.channels.models import AlertChannel
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import read

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    is_in_service: bool


def _portal() -> Actor:
    return Actor.system("on-call")


def in_service(actor: Actor) -> pd.DataFrame:
    """Operators in service, by name: id, name, time_zone (NA unless chosen). Raises Denied."""
    require(actor, "on_call:read")
    columns = (Operator.id, Operator.name, Operator.time_zone)
    with read(_portal()) as rx:
        found = select(*columns).where(Operator.disabled_at.is_(None)).order_by(Operator.name, Operator.id)
        return rx.frame(found, limit=MOST)


def channels(actor: Actor) -> pd.DataFrame:
    """Alert channels that a policy can name, by name: id, name, kind, is_enabled. Raises Denied."""
    require(actor, "on_call:read")
    columns = (AlertChannel.id, AlertChannel.name, AlertChannel.kind, AlertChannel.is_enabled)
    with read(_portal()) as rx:
        return rx.frame(select(*columns).order_by(AlertChannel.name), limit=MOST)


def known(ids: Iterable[UUID | None]) -> dict[UUID, Person]:
    """These operators, in service or not."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    columns = (Operator.id, Operator.name, Operator.email, Operator.disabled_at)
    with read(_portal()) as rx:
        rows = rx.rows(select(*columns).where(Operator.id.in_(wanted)))
    return {row.id: Person(row.name, row.email, row.disabled_at is None) for row in rows}


def names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    return {key: person.name for key, person in known(ids).items()}


def require_in_service(ids: Iterable[UUID], field: str = "operator_ids") -> None:
    """Raises Invalid when one of them cannot be called."""
    wanted = set(ids)
    found = known(wanted)
    if any(one not in found or not found[one].is_in_service for one in wanted):
        sentence = "This colleague cannot be on call: the account does not exist, or is not in service."
        raise Invalid(sentence, {field: sentence})


def require_channels(ids: Iterable[UUID]) -> None:
    """Raises Invalid when one of them does not exist."""
    wanted = set(ids)
    with read(_portal()) as rx:
        found = {row.id for row in rx.rows(select(AlertChannel.id).where(AlertChannel.id.in_(wanted)))}
    if wanted - found:
        sentence = "This alert channel does not exist any more. Choose another one."
        raise Invalid(sentence, {"steps": sentence})
