"""The look at all rules, four times a minute."""

from core.health.alerts.evaluating import evaluate_all
from core.health.alerts.waiting import record_waiting
from core.kernel.actor import Actor
from core.kernel.tasks import every
from core.kernel.times import utc_now


@every("alerts.evaluate", seconds=15)
def evaluate(_: Actor) -> None:
    """Judges every enabled rule, opens alerts and ends them. Jobs of one schedule never run at the same time."""
    record_waiting(utc_now())
    evaluate_all()
