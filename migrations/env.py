"""Alembic runs as the owner; everything else runs as the app role."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.dialects.postgresql.base import ischema_names

import core.models  # noqa: F401  (fills the metadata)
from core.kernel.db import database_url
from core.kernel.models import Base, TransactionId

ischema_names["xid8"] = TransactionId
FOREIGN_PREFIXES = ("procrastinate_",)


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, _: Any) -> bool:
    """Leaves out what others own: the queue's tables, and partitions, which jobs make and drop."""
    if kind == "table" and reflected:
        return not (name or "").startswith(FOREIGN_PREFIXES) and name not in context.config.attributes["partitions"]
    return True


def run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or database_url())
    with engine.connect() as connection:
        _migrate(connection)
        connection.commit()
    engine.dispose()


def _migrate(connection: Any) -> None:
    partitions = connection.execute(text("SELECT relname FROM pg_class WHERE relispartition"))
    context.config.attributes["partitions"] = {row.relname for row in partitions}
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        transaction_per_migration=True,
        compare_server_default=False,
    )
    connection.execute(text("SET lock_timeout = '5s'"))
    with context.begin_transaction():
        context.run_migrations()


run()
