"""Reads of the errors."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from core.health.errors.models import ErrorRecord
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now


def groups(actor: Actor, *, since: datetime | None = None, limit: int = 50) -> pd.DataFrame:
    """One row per fingerprint since the moment (by default a day ago), latest first.

    Columns: fingerprint, type, message (of one of them), route, errors, first_at (UTC), last_at (UTC).
    """
    require(actor, "errors:read")
    begin = since or utc_now() - timedelta(days=1)
    columns = (
        ErrorRecord.fingerprint, func.min(ErrorRecord.type).label("type"), func.max(ErrorRecord.message).label("message"),
        func.max(ErrorRecord.route).label("route"), func.count().label("errors"),
        func.min(ErrorRecord.at).label("first_at"), func.max(ErrorRecord.at).label("last_at"),
    )  # fmt: skip
    grouped = select(*columns).where(ErrorRecord.at >= begin).group_by(ErrorRecord.fingerprint)
    with read(actor) as rx:
        return rx.frame(grouped.order_by(func.max(ErrorRecord.at).desc()), limit=limit)


def count(actor: Actor, *, since: datetime) -> int:
    """How many errors were recorded since the moment."""
    require(actor, "errors:read")
    with read(actor) as rx:
        return int(rx.value(select(func.count()).where(ErrorRecord.at >= since)))


def latest(actor: Actor, fingerprint: str) -> dict[str, Any] | None:
    """The latest error of a fingerprint: at (UTC), type, message, trace, route, request_id; None when there is none."""
    require(actor, "errors:read")
    columns = (
        ErrorRecord.at, ErrorRecord.type, ErrorRecord.message, ErrorRecord.trace, ErrorRecord.route, ErrorRecord.request_id,
    )  # fmt: skip
    of_kind = select(*columns).where(ErrorRecord.fingerprint == fingerprint).order_by(ErrorRecord.at.desc()).limit(1)
    with read(actor) as rx:
        row = rx.one(of_kind)
    return None if row is None else row._asdict()
