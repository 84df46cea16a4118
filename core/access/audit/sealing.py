"""Sealing: each pass chains the entries of all transactions that have ended since the last one."""

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Row, literal_column, select, text
from sqlalchemy.orm import Session

from core.access.audit import rules
from core.kernel import mail
from core.kernel.actor import Actor
from core.kernel.audit import AuditDigest, AuditEntry, AuditSeal
from core.kernel.settings import settings
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

BATCH = 10_000
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('qd_audit_seal'))")
_HORIZON = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


class Seal(NamedTuple):
    """What is kept outside the database, so that a truncated trail shows: one line of the seal file."""

    number: int
    last_position: int
    digest: str
    sealed_at: datetime


def entries() -> Any:
    """All columns of the trail, in the order of sealing; xid as a number."""
    columns = [column for column in AuditEntry.__table__.columns if column.key != "xid"]
    xid: Any = literal_column("audit_entry.xid::text::bigint").label("xid")
    return select(*columns, xid).order_by(AuditEntry.xid, AuditEntry.id)


def as_xid(value: int) -> Any:
    """The number as PostgreSQL's xid8, which compares with no other type."""
    return literal_column(f"'{int(value)}'::xid8")


def newest(session: Session) -> Row[Any] | None:
    """The newest seal, or None before the first."""
    to_xid: Any = literal_column("audit_seal.to_xid::text::bigint").label("to_xid")
    columns = (AuditSeal.number, AuditSeal.last_position, AuditSeal.digest, AuditSeal.sealed_at, to_xid)
    return session.execute(select(*columns).order_by(AuditSeal.number.desc()).limit(1)).first()


def _batch(rx: Recording, since: int, horizon: int) -> tuple[list[Row[Any]], int]:
    waiting = entries().where(AuditEntry.xid >= as_xid(since), AuditEntry.xid < as_xid(horizon))
    rows = list(rx.session.execute(waiting.limit(BATCH + 1)).all())
    if len(rows) <= BATCH:
        return rows, horizon
    until = rows[BATCH].xid  # whole transactions only; one larger than a batch is sealed in one piece
    whole = [row for row in rows if row.xid < until]
    if whole:
        return whole, until
    return list(rx.session.execute(entries().where(AuditEntry.xid == as_xid(until))).all()), until + 1


def _links(rows: list[Row[Any]], previous: bytes, position: int, seal_number: int) -> list[dict[str, Any]]:
    links = []
    for place, row in enumerate(rows, position + 1):
        entry = row._asdict()
        content = rules.content_of(entry)
        previous = rules.chained(previous, entry, content)
        links.append(
            {"position": place, "entry_id": row.id, "seal_number": seal_number, "content": content, "digest": previous}
        )
    return links


def seal(actor: Actor) -> Seal | None:
    """Seals one batch. Returns the new seal, or None when nothing waited."""
    with record(actor) as rx:
        rx.session.execute(_LOCK)
        last = newest(rx.session)
        since, position = (last.to_xid, last.last_position) if last else (0, 0)
        horizon = int(rx.session.execute(_HORIZON).scalar_one())
        rows, until = _batch(rx, since, horizon)
        if not rows:
            return None
        number = last.number + 1 if last else 1
        links = _links(rows, last.digest if last else rules.START, position, number)
        rx.copy(AuditDigest, links)
        sealed = {"number": number, "from_xid": since, "to_xid": until, "entries": len(rows),
                  "last_position": links[-1]["position"], "digest": links[-1]["digest"], "sealed_at": utc_now()}  # fmt: skip
        rx.copy(AuditSeal, [sealed])
    return Seal(number, sealed["last_position"], sealed["digest"].hex(), sealed["sealed_at"])


def keep_outside(made: Seal) -> None:
    """Appends the seal to SEAL_FILE and mails it to SEAL_MAIL_TO, where these are set."""
    line = orjson.dumps(made._asdict()).decode()
    chosen = settings()
    if chosen.seal_file is not None:
        chosen.seal_file.parent.mkdir(parents=True, exist_ok=True)
        with chosen.seal_file.open("a") as file:
            file.write(line + "\n")
    if chosen.seal_mail_to is not None and chosen.smtp_url is not None:
        mail.send([chosen.seal_mail_to], f"Audit seal {made.number}", f"Keep this line to prove the trail:\n\n{line}\n")


def read_anchor(path: Path) -> Seal:
    """The last line of a seal file. Raises ValueError for a file that is none."""
    lines = path.read_text().strip().splitlines()
    if not lines:
        raise ValueError(f"{path} has no seal in it.")
    values = orjson.loads(lines[-1])
    return Seal(
        values["number"], values["last_position"], values["digest"], datetime.fromisoformat(values["sealed_at"])
    )
