"""Rollup passes and retention of all that is recorded, here and in other areas."""

from core.kernel import retention, rollups
from core.kernel.actor import Actor
from core.kernel.tasks import every

RAW = {"request_record": 7, "component_check": 7, "error_record": 30, "server_metric": 3, "database_metric": 3}
for _table, _days in RAW.items():
    retention.keep(_table, "day", _days)


@every("health.rollups", seconds=30)
def roll_up(_: Actor) -> None:
    """One pass of each rollup of the product."""
    for rollup in rollups.rollups():
        rollups.roll(rollup)


@every("health.retention", cron="20 1 * * *")
def apply_retention(_: Actor) -> None:
    """Partitions ahead for three days; rows past their time dropped, of every table that said for how long."""
    retention.apply()
