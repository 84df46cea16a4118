"""Rollup passes and retention of all that is recorded, here and in other areas."""

from core.kernel import retention, rollups
from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.tasks import every

RAW = {
    "request_record": 7, "message_event": 7, "metric_point": 7, "component_check": 7, "error_record": 30,
    "server_metric": 3, "database_metric": 3,
}  # fmt: skip
for _table, _days in RAW.items():
    retention.keep(_table, "day", _days)


@every("health.rollups", seconds=10)
def roll_up(_: Actor) -> None:
    """One pass of each rollup of the product. One that fails does not keep the others from theirs."""
    failures = []
    for rollup in rollups.rollups():
        try:
            rollups.roll(rollup)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  (it is raised at the end)
            error.add_note(f"In the rollup {rollup.name}.")
            failures.append(error)
    if failures:
        raise ExceptionGroup("Rollups failed", failures)


@every("health.retention", cron="20 1 * * *")
def apply_retention(actor: Actor) -> None:
    """Partitions ahead for three days; rows past their time dropped, of every table that said for how long.

    What came in late is counted first: it may be past its time already.
    """
    roll_up(actor)
    retention.apply()
