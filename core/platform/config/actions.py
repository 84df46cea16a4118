"""Maintenance mode and the rotation of encryption keys."""

from uuid import UUID

from sqlalchemy import Column, Table, delete, func, select, text

from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.crypto import EncryptedText
from core.kernel.errors import Invalid, NotFound
from core.kernel.keycheck import require_key
from core.kernel.models import Base
from core.kernel.state import KeyCheck, MaintenanceMode
from core.kernel.writes import Transaction, write

BATCH = 500


def start_maintenance(actor: Actor, *, message: str, reason: str) -> MaintenanceMode:
    """Refuses every write from now on, with the message. Raises Invalid without a message or when it has begun already."""
    if not message.strip():
        raise Invalid("Say what people will read while writes are refused.", {"message": "Write one sentence."})
    with write(actor, "settings.start_maintenance", reason=reason) as tx:
        if tx.session.scalar(select(MaintenanceMode.id).where(MaintenanceMode.ended_at.is_(None))):
            raise Invalid("Maintenance has begun already. End it before you begin another.")
        return tx.add(MaintenanceMode(message=message.strip(), started_by=actor.operator_id))


def end_maintenance(actor: Actor) -> None:
    """Lets writes through again. Raises NotFound when there is no maintenance."""
    with write(actor, "settings.end_maintenance") as tx:
        running = select(MaintenanceMode.id).where(MaintenanceMode.ended_at.is_(None))
        key: UUID | None = tx.session.scalar(running)
        if key is None:
            raise NotFound("There is no maintenance to end.")
        window = tx.lock(MaintenanceMode, key)
        window.ended_at, window.ended_by = tx.now, actor.operator_id


def encrypted_columns() -> list[tuple[Table, Column[str]]]:
    """Every column of the product that is encrypted at rest."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    ]


def rotate_keys(actor: Actor) -> int:
    """Encrypts every secret that is not under the active key anew, in batches, and returns how many there were.

    After it the other keys are not needed any more: the start no longer asks for them.
    """
    require_key()
    rotated = sum(_rotate(actor, table, column) for table, column in encrypted_columns())
    with write(actor, "settings.rotate_keys") as tx:
        tx.bulk(delete(KeyCheck).where(KeyCheck.key_id != crypto.keys().active))
    return rotated


def _rotate(actor: Actor, table: Table, column: Column[str]) -> int:
    total = 0
    while True:
        with write(actor, "settings.rotate_keys") as tx:
            done = _rotate_batch(tx, table, column)
        total += done
        if done < BATCH:
            return total


def _rotate_batch(tx: Transaction, table: Table, column: Column[str]) -> int:
    active = crypto.keys().active.encode()
    prefix = func.substring(text(f"{table.name}.{column.name}"), 1, len(active) + 1)
    behind = select(*table.primary_key, column).where(column.is_not(None), prefix != bytes([len(active)]) + active)
    rows = tx.session.execute(behind.limit(BATCH).with_for_update()).all()
    for row in rows:
        same_row = [key == getattr(row, key.name) for key in table.primary_key]
        tx.bulk(table.update().where(*same_row).values({column.name: getattr(row, column.name)}))
    return len(rows)
