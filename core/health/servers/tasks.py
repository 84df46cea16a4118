"""Stores this host's figures, and PostgreSQL's. Called by the worker's own loop: each host reports itself."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from core.health.database.collector import Collector as DatabaseCollector
from core.health.database.models import DatabaseMetric
from core.health.servers.collector import Collector, facts, name_of_host
from core.health.servers.models import Server, ServerMetric
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

DATABASE_EVERY = timedelta(seconds=8)  # several workers share the one database: whoever comes first reads it
_here, _database = Collector(), DatabaseCollector()


def collect_here() -> None:
    """One reading of this host, and of the database if nobody just read it, stored. Due every 10 s. Raises Unavailable."""
    figures = _here.figures()
    now = figures["measured_at"]
    with record(Actor.system("collector"), timeout_ms=5_000) as tx:
        for table in ("server_metric", "database_metric"):
            retention.make_ready(tx, table, "day", now, now)
        tx.session.add(ServerMetric(server_id=_server(tx), **figures))
        recent = select(DatabaseMetric.id).where(DatabaseMetric.measured_at > now - DATABASE_EVERY)
        if tx.session.scalar(recent.limit(1)) is None:
            tx.session.add(DatabaseMetric(**_database.figures(tx)))


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
