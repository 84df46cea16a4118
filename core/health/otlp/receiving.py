"""Takes in an export: read, checked, stored and remembered in one transaction."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.health.errors import recording as errors
from core.health.ingest import counts, storing, tenants
from core.health.ingest.rules import MAX_BYTES
from core.health.ingest.unpacking import unpack
from core.health.metrics import recording as metrics
from core.health.metrics.rules import number_problem
from core.health.otlp import formats, logs, points, spans, streams, walk
from core.health.otlp.attributes import Tenants
from core.health.otlp.batches import Answer, Export, claim, settle
from core.health.otlp.formats import Encoding, Signal
from core.health.otlp.items import Rows
from core.health.otlp.points import Ready
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

SENDS = "telemetry:create"
SHOWN = 5


def receive(
    actor: Actor, signal: Signal, packed: bytes, encoding: Encoding, *, packing: str = "", now: datetime | None = None
) -> Answer:
    """Stores what an export holds, or gives the answer that the same export got before.

    When this returns, the rows are committed. Raises Denied, Unreadable, TooLarge, Unavailable; then nothing was stored.
    """
    require(actor, SENDS)
    body = unpack(packed, packing, MAX_BYTES)
    request = formats.parse(signal, body, encoding)
    export = Export.of(actor.id or UUID(int=0), signal, body)
    moment = now or utc_now()
    with record(Actor.system("otlp", request_id=actor.request_id, channel="api")) as tx:
        known = _tenants(tx, actor, walk.tenants(signal, request))
        answer = claim(tx, export, moment)
        if answer is None:
            store = _store_metrics if signal == "metrics" else _store_rows
            answer = store(tx, signal, request, known, moment)
            settle(tx, export, answer)
            counts.BATCHES.labels("stored").inc()
        else:
            counts.BATCHES.labels("repeated").inc()
    return answer


def _tenants(tx: Recording, actor: Actor, named: set[UUID]) -> Tenants:
    bound = actor.tenant_id if actor.scope == "tenant" else None
    return Tenants(frozenset(tenants.known(tx, named, actor)), bound, is_needed=actor.scope == "assigned")


def _store_rows(tx: Recording, signal: Signal, request: Any, known: Tenants, now: datetime) -> Answer:
    rows: Rows = (logs if signal == "logs" else spans).read(request, known, now=now)
    storing.store_requests(tx, [tuple(row[name] for name in storing.REQUEST_COLUMNS) for row in rows.requests])
    if rows.errors:
        errors.store(tx, rows.errors)
    return Answer(len(rows.requests) + len(rows.errors), len(rows.refused), rows.ignored, summed_up(rows.refused))


def _store_metrics(tx: Recording, _: Signal, request: Any, known: Tenants, now: datetime) -> Answer:
    """Running totals first become what was added: with the lock on their streams, until the end."""
    batch = points.read(request, known, now=now)
    refused = list(batch.refused)
    metrics.make_ready(tx, [one.about for one in batch.ready] + [one.about for one in batch.running])
    ready = [*batch.ready, *(streams.advance(tx, batch.running) if batch.running else ())]
    rows = [(place, {**one.about, "value": value, "count": count}) for place, one in _storable(ready, refused)
            for value, count in one.rows]  # fmt: skip
    too_many = metrics.store(tx, [row for _, row in rows])
    named = {rows[place][0]: told for place, told in too_many.items()}
    refused += [f"{ready[place].about['name']}: {told}" for place, told in named.items()]
    accepted = len(batch.ready) + len(batch.running) + len(batch.refused) - len(refused)
    return Answer(accepted, len(refused), told=summed_up(refused))


def _storable(ready: Sequence[Ready], refused: list[str]) -> list[tuple[int, Ready]]:
    """Those whose values can be kept; a sentence for each of the others is added to `refused`."""
    found = []
    for place, one in enumerate(ready):
        said = (number_problem(one.about["kind"], value, count) for value, count in one.rows)
        problem = next((told for told in said if told), None)
        if problem:
            refused.append(f"{one.about['name']}: {problem}")
        else:
            found.append((place, one))
    return found


def summed_up(refused: Sequence[str]) -> str:
    """The reasons, most frequent first, with how often each was given; "" for none."""
    most = Counter(refused).most_common(SHOWN)
    told = "; ".join(f"{sentence} ({many:,} times)" if many > 1 else sentence for sentence, many in most)
    left = len(refused) - sum(many for _, many in most)
    return f"{told}; and {left:,} for other reasons." if left else told
