"""The time that figures are asked for."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Query

from api.conventions import Instant
from core.kernel.errors import Invalid
from core.kernel.times import utc_now

USUAL, LONGEST = timedelta(hours=24), timedelta(days=400)
Since = Annotated[Instant | None, Query(description="From this moment; by default 24 hours before `until`.")]
Until = Annotated[Instant | None, Query(description="Up to this moment, exclusive; by default now.")]


def span(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """The two moments. Raises Invalid for an end that is not after the beginning, and for more than 400 days."""
    end = until or utc_now()
    begin = since or end - USUAL
    if begin >= end:
        raise Invalid("The end must be after the beginning.", {"until": "Give a moment after `since`."})
    if end - begin > LONGEST:
        raise Invalid("Ask for 400 days at most.", {"since": "Give a moment within 400 days before `until`."})
    return begin, end
