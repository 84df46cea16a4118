"""One round of checks, every 30 s."""

from core.health.components import probes
from core.health.components.models import ComponentCheck
from core.health.components.rules import Finding, overall
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.tasks import every
from core.kernel.telemetry import record
from core.kernel.times import utc_now

OVERALL = "overall"


@every("health.check_components", seconds=30)
def check(actor: Actor) -> None:
    """Looks at every component and stores what was found, with the sum of it."""
    findings = probes.run_all(actor)
    worst = overall(finding.status for finding in findings.values())
    told = ", ".join(name for name, finding in findings.items() if finding.status == worst != "healthy")
    findings[OVERALL] = Finding(worst, told or "Everything that is configured works.")
    now = utc_now()
    with record(actor, timeout_ms=5_000) as tx:
        retention.make_ready(tx, "component_check", "day", now, now)
        tx.copy(ComponentCheck, [
            {"at": now, "id": uuid7(), "component": name, "status": finding.status, "latency_ms": finding.latency_ms,
             "detail": finding.detail} for name, finding in findings.items()
        ])  # fmt: skip
