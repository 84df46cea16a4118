"""Stores this host's figures. Called by the worker's own loop and not by a schedule: each host reports itself."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from core.health.servers.collector import Collector, facts, name_of_host
from core.health.servers.models import Server, ServerMetric
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.models import utc_now, uuid7
from core.kernel.telemetry import Recording, record

_here = Collector()


def collect_here() -> None:
    """One reading of this host, stored. Due every 10 s. Raises Unavailable."""
    figures = _here.figures()
    with record(Actor.system("collector"), timeout_ms=5_000) as tx:
        retention.make_ready(tx, "server_metric", "day", figures["measured_at"], figures["measured_at"])
        server_id = _server(tx)
        tx.session.add(ServerMetric(server_id=server_id, **figures))


def _server(tx: Recording) -> UUID:
    now, name = utc_now(), name_of_host()
    known: UUID | None = tx.execute(
        update(Server).where(Server.name == name).values(last_seen_at=now, facts=facts()).returning(Server.id)
    ).scalar()
    if known is not None:
        return known
    row = {"id": uuid7(), "name": name, "facts": facts(), "is_demo": False, "first_seen_at": now, "last_seen_at": now}
    new = insert(Server).values(row)
    made = new.on_conflict_do_update(index_elements=["name"], set_={"last_seen_at": now}).returning(Server.id)
    found: UUID = tx.execute(made).scalar_one()
    return found
