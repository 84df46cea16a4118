"""What build systems report."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write
from core.reliability.deployments import rules
from core.reliability.deployments.models import Deployment


def report(  # noqa: PLR0913  (a deployment says as much)
    actor: Actor, *, service: str, release: str, environment: str = "production", status: str = "succeeded",
    at: datetime | None = None, summary: str = "", url: str | None = None, deployed_by: str = "",
    external_id: str | None = None, once: str | None = None,
) -> Deployment:  # fmt: skip
    """Tells of a deployment. One of a known `external_id` is told again: its state goes on, and its time stays unless one is
    given. Raises one Invalid naming every bad field, Denied, AlreadyDone."""
    with write(actor, "deployments.report", once=once) as tx:
        values = rules.clean({
            "service": service, "release": release, "environment": environment, "status": status, "at": at,
            "summary": summary, "url": url, "deployed_by": deployed_by, "external_id": external_id,
        }, now=tx.now)  # fmt: skip
        deployment = _known(tx, values["external_id"])
        if deployment is None:
            deployment = tx.add(Deployment(**values | {"at": values["at"] or tx.now}))
        else:
            _go_on(deployment, values)
        tx.session.flush()
        tx.note(deployment_id=deployment.id, service=deployment.service, status=deployment.status)
    return deployment


def _known(tx: Transaction, external_id: str | None) -> Deployment | None:
    """Two reports of one name at the same time come one after the other."""
    if external_id is None:
        return None
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"deployment:{external_id}"))))
    found: Deployment | None = tx.session.scalars(
        select(Deployment).where(Deployment.external_id == external_id).with_for_update()
    ).first()
    return found


def _go_on(deployment: Deployment, values: dict[str, Any]) -> None:
    """What is not said again stays."""
    for name, value in values.items():
        if value not in (None, ""):
            setattr(deployment, name, value)
