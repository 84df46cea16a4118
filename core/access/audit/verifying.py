"""Proof of the trail: edit, deletion, reordering, insertion and truncation of sealed entries all show."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import exists, func, literal_column, select
from sqlalchemy.orm import Session

from core.access.audit.rules import Finding, Link, first_break
from core.access.audit.sealing import Seal, as_xid, newest
from core.kernel.actor import Actor
from core.kernel.audit import AuditDigest, AuditEntry
from core.kernel.permissions import require
from core.kernel.reads import read


class Proof(NamedTuple):
    """`finding` is None for a sound trail; `unsealed` entries are younger than the newest seal."""

    finding: Finding | None
    sealed: int
    unsealed: int


def verify(actor: Actor, *, anchor: Seal | None = None) -> Proof:
    """Walks the whole trail, in constant memory. `anchor` is a seal kept outside: without one, a cut tail cannot show.

    Raises Denied without audit:read, and Invalid for an actor that does not see all tenants.
    """
    require(actor, "audit:read")
    with read(Actor.system("audit verify", request_id=actor.request_id), timeout_ms=3_600_000) as rx:
        finding, good, _ = first_break(_links(rx.session))
        finding = finding or _truncated(rx.session, good, anchor) or _inserted(rx.session, good)
        return Proof(finding, good, _unsealed(rx.session))


def _links(session: Session) -> Iterator[Link]:
    columns = [column for column in AuditEntry.__table__.columns if column.key not in ("xid", "id")]
    xid: Any = literal_column("audit_entry.xid::text::bigint").label("xid")
    chain = (
        select(
            AuditDigest.position,
            AuditDigest.entry_id,
            AuditDigest.content,
            AuditDigest.digest,
            AuditEntry.id,
            *columns,
            xid,
        )
        .join_from(AuditDigest, AuditEntry, AuditEntry.id == AuditDigest.entry_id, isouter=True)
        .order_by(AuditDigest.position)
        .execution_options(yield_per=5_000)
    )
    for row in session.execute(chain):
        values: dict[str, Any] = row._asdict()
        own = {name: values.pop(name) for name in ("position", "entry_id", "content", "digest")}
        yield Link(**own, entry=values if values["id"] is not None else None)


def _truncated(session: Session, good: int, anchor: Seal | None) -> Finding | None:
    last = newest(session)
    if last is not None and last.last_position > good:
        return Finding(
            "truncated", good + 1, None, f"Seal {last.number} covers {last.last_position} entries; {good} are left."
        )
    if anchor is None:
        return None
    if last is None or last.number < anchor.number or last.last_position < anchor.last_position:
        told = f"Seal {anchor.number} kept outside covers {anchor.last_position} entries; the trail ends after {good}."
        return Finding("truncated", good + 1, None, told)
    return _rewritten(session, anchor)


def _rewritten(session: Session, anchor: Seal) -> Finding | None:
    here = session.execute(
        select(AuditDigest.digest, AuditDigest.entry_id).where(AuditDigest.position == anchor.last_position)
    ).one()
    if here.digest.hex() == anchor.digest:
        return None
    told = f"Up to position {anchor.last_position} the trail was rewritten: it does not match seal {anchor.number} kept outside."
    return Finding("edited", anchor.last_position, here.entry_id, told)


def _inserted(session: Session, good: int) -> Finding | None:
    last = newest(session)
    if last is None:
        return None
    unknown = ~exists().where(AuditDigest.entry_id == AuditEntry.id)
    stray = select(AuditEntry.id).where(AuditEntry.xid < as_xid(last.to_xid), unknown).order_by(AuditEntry.xid).limit(1)
    entry_id = session.execute(stray).scalar()
    if entry_id is None:
        return None
    return Finding(
        "inserted", good + 1, entry_id, f"Entry {entry_id} lies before the newest seal but was never sealed."
    )


def _unsealed(session: Session) -> int:
    last = newest(session)
    waiting = select(func.count()).select_from(AuditEntry).where(AuditEntry.xid >= as_xid(last.to_xid if last else 0))
    return int(session.execute(waiting).scalar_one())
