"""Rollup passes and retention of all that Health watches."""

from datetime import timedelta

from core.health.components.models import COMPONENT_ROLLUP
from core.health.database.models import DATABASE_ROLLUP
from core.health.requests.models import REQUEST_ROLLUP
from core.health.servers.models import SERVER_ROLLUP
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.retention import Retention
from core.kernel.rollups import roll
from core.kernel.tasks import every

ROLLUPS = (REQUEST_ROLLUP, COMPONENT_ROLLUP, SERVER_ROLLUP, DATABASE_ROLLUP)
RAW = {"request_record": 7, "component_check": 7, "error_record": 30, "server_metric": 3, "database_metric": 3}
POLICIES = (
    *(Retention(table, "day", timedelta(days=days)) for table, days in RAW.items()),
    *(Retention(f"{rollup.name}_minute", "day", timedelta(days=30)) for rollup in ROLLUPS),
    *(Retention(f"{rollup.name}_hour", "month", timedelta(days=400)) for rollup in ROLLUPS),
)


@every("health.rollups", seconds=30)
def rollups(_: Actor) -> None:
    """One pass of each rollup."""
    for rollup in ROLLUPS:
        roll(rollup)


@every("health.retention", cron="20 1 * * *")
def apply_retention(_: Actor) -> None:
    """Partitions ahead for three days; rows past their time dropped. Days are kept."""
    retention.apply(POLICIES)
