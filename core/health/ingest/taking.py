"""Takes in a batch: judged, stored and remembered in one transaction, so that the same batch again changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from core.health.ingest import counts, judging, rules, storing, tenants
from core.health.ingest.judging import Judged
from core.health.ingest.models import IngestBatch
from core.health.ingest.rows import Row
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

SENDS = "telemetry:create"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one sender under an id of his own; `fingerprint` is a digest of what he sent."""

    id: str
    rows: Sequence[bytes]
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What is answered: batch_id, accepted, rejected, errors. `is_repeat` when this was the batch's second coming."""

    answer: dict[str, Any]
    is_repeat: bool


class OtherContent(Invalid):
    """The id was used for a batch of other content."""

    code = "batch_id_reused"


def take(actor: Actor, batch: Batch, *, now: datetime | None = None) -> Taken:
    """Stores the good rows of a batch, or gives the answer that it got before.

    When this returns, the rows are committed. Raises Denied, OtherContent, Unavailable; then nothing was stored.
    """
    require(actor, SENDS)
    moment = now or utc_now()
    judged = judging.judge(batch.rows, rules.Window.at(moment))
    system = Actor.system("ingest", request_id=actor.request_id, channel="api")
    with record(system) as tx:
        judging.admit(judged, actor, tenants.known(tx, judged.tenant_ids, actor))
        taken = store_once(tx, actor.id or UUID(int=0), batch, judged, moment)
    count(taken, judged)
    return taken


def store_once(
    tx: Recording, sender: UUID, batch: Batch, judged: Judged, now: datetime, *, about: Mapping[str, Any] = MappingProxyType({})
) -> Taken:  # fmt: skip
    """Stores what was judged unless this batch is known. A second one at the same time waits here for the first.

    `about` is kept beside the answer.
    """
    answer = rules.answer_of(batch.id, len(judged.good), judged.problems) | dict(about)
    if not _claim(tx, sender, batch.fingerprint, answer, now):
        return Taken(_known(tx, sender, batch), is_repeat=True)
    if refused := storing.store(tx, judged):
        judged.problems += refused
        places = {one.index for one in refused}
        judged.good = [placed for placed in judged.good if placed[0] not in places]
        answer = rules.answer_of(batch.id, len(judged.good), judged.problems) | dict(about)
        _correct(tx, sender, answer)
    return Taken(answer, is_repeat=False)


def _values(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"accepted": answer["accepted"], "rejected": answer["rejected"], "answer": dict(answer)}


def _claim(tx: Recording, sender: UUID, fingerprint: bytes, answer: Mapping[str, Any], now: datetime) -> bool:
    row = {"actor_id": sender, "batch_id": answer["batch_id"], "at": now, "fingerprint": fingerprint, **_values(answer)}
    made = insert(IngestBatch).values(row).on_conflict_do_nothing().returning(IngestBatch.batch_id)
    return tx.execute(made).first() is not None


def _of(sender: UUID, batch_id: str) -> tuple[Any, ...]:
    return IngestBatch.actor_id == sender, IngestBatch.batch_id == batch_id


def _correct(tx: Recording, sender: UUID, answer: Mapping[str, Any]) -> None:
    tx.execute(update(IngestBatch).where(*_of(sender, answer["batch_id"])).values(**_values(answer)))


def _known(tx: Recording, sender: UUID, batch: Batch) -> dict[str, Any]:
    found = tx.execute(select(IngestBatch.fingerprint, IngestBatch.answer).where(*_of(sender, batch.id))).one()
    if found.fingerprint != batch.fingerprint:
        sentence = "A batch of other content was stored under this id. Give each batch an id of its own."
        raise OtherContent(sentence, {"batch_id": "Used for a batch of other content."})
    answer: dict[str, Any] = found.answer
    return answer


def count(taken: Taken, judged: Judged) -> None:
    """For /api/metrics, once it is committed."""
    counts.BATCHES.labels("repeated" if taken.is_repeat else "stored").inc()
    if taken.is_repeat:
        return
    for kind, placed in judged.by_kind().items():
        counts.ACCEPTED.labels(_tag(kind)).inc(len(placed))
    for code, many in judging.rejected_codes(judged.problems).items():
        counts.REJECTED.labels(code).inc(many)


def _tag(kind: type[Row]) -> str:
    return str(kind.__struct_config__.tag)
