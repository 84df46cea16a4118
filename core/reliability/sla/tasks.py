"""Contracts are measured every minute; what their periods tell besides follows every five, and of months every hour."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, tuple_

from core.kernel.actor import Actor
from core.kernel.tasks import every, task
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.reliability.sla import alerting, judging, minutes, periods
from core.reliability.sla.exclusions import REFRESH
from core.reliability.sla.models import SlaPeriod

HOURS_KEPT = timedelta(days=90)
AT_ONCE = 5_000
TIMEOUT_MS = 240_000
LATE = timedelta(hours=2)  # requests of a period that come so late after its end are counted


@every("sla.evaluate", seconds=60)
def evaluate(actor: Actor) -> None:
    """Judges the minutes since the last look, and tells of what fell short."""
    minutes.evaluate()
    alerting.tell(actor)


@task(alerting.SEND, retry=5)
def mail_csm(actor: Actor, csm_id: str, violation_ids: list[str]) -> None:
    """Tells one CSM of new violations."""
    alerting.send(actor, UUID(csm_id), [UUID(one) for one in violation_ids])


@every("sla.figures", seconds=300)
def figure_days(actor: Actor) -> None:
    """Requests, latencies and answers of hours and days."""
    _figure(actor, ("hour", "day"))


@every("sla.figures_of_months", cron="7 * * * *")
def figure_months(actor: Actor) -> None:
    """The same of months and quarters: their sketches are many."""
    _figure(actor, ("month", "quarter"))


def _figure(actor: Actor, grains: tuple[str, ...]) -> None:
    with record(actor, timeout_ms=TIMEOUT_MS) as tx:
        minutes.one_at_a_time(tx)
        tx.session.execute(judging.PLAN)
        periods.figure(tx, grains, utc_now() - LATE)


@task(REFRESH, retry=5)
def refresh(actor: Actor, contract_id: str, since: str, until: str) -> None:
    """Counts the periods of a contract anew, because minutes of it were excluded."""
    with record(actor, timeout_ms=TIMEOUT_MS) as tx:
        minutes.one_at_a_time(tx)
        tx.session.execute(judging.PLAN)
        judged = minutes.watermark(tx)
        begin, finish = datetime.fromisoformat(since), datetime.fromisoformat(until)
        if judged is not None:
            periods.refresh(tx, begin, finish, contract_ids=[UUID(contract_id)], judged=judged)


@every("sla.clean_hours", cron="50 1 * * *")
def clean_hours(actor: Actor) -> None:
    """Drops hours of more than 90 days ago; days, months and quarters are kept."""
    before = utc_now() - HOURS_KEPT
    while _drop(actor, before):
        pass


def _drop(actor: Actor, before: datetime) -> bool:
    """Whether there may be more."""
    period = SlaPeriod
    key = (period.contract_id, period.grain, period.bucket)
    old = select(*key).where(period.grain == "hour", period.bucket < before).limit(AT_ONCE)
    with record(actor) as tx:
        return len(tx.execute(delete(period).where(tuple_(*key).in_(old)).returning(period.bucket)).all()) == AT_ONCE
