"""Running totals of several exports at once, and how long they are remembered."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from core.health.otlp import streams
from core.health.otlp.cumulative import Total
from core.health.otlp.points import Running
from core.kernel.actor import Actor
from core.kernel.telemetry import record

NOW = datetime.now(UTC).replace(microsecond=0)
ABOUT = {"name": "orders", "kind": "counter", "unit": "1", "service": "shop", "tenant_id": None, "labels": {},
         "series_id": uuid4()}  # fmt: skip
STREAMS = [uuid4() for _ in range(20)]


def total(stream, seconds, value):
    at = NOW + timedelta(seconds=seconds)
    return Running({**ABOUT, "at": at}, stream, NOW - timedelta(seconds=60), Total(at, Decimal(value)))


def advance(points):
    with record(Actor.system("test")) as tx:
        return [value for one in streams.advance(tx, points) for value, _ in one.rows]


def test_exports_at_once_count_each_growth_once(committed_db):
    """Five senders with overlapping points of the same streams, in other orders."""
    counted, problems = [], []

    def work(number):
        try:
            for second in range(number, 10, 2):
                some = [total(one, second, 10 * second) for one in STREAMS[:: (-1) ** number]]
                counted.extend(advance(some))
        except Exception as error:  # noqa: BLE001  (any error of a thread fails the test)
            problems.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1, 0, 1, 0)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert problems == []
    assert sum(counted) == len(STREAMS) * 90


def test_totals_are_remembered_exactly(db, raw):
    advance([total(STREAMS[0], 0, 2**63 - 1)])
    assert advance([total(STREAMS[0], 1, 2**63 + 1)]) == [2.0]
    assert raw("SELECT value FROM metric_stream")[0].value == 2**63 + 1


def test_what_was_rolled_back_is_not_remembered(committed_db):
    stream = uuid4()
    try:
        with record(Actor.system("test")) as tx:
            streams.advance(tx, [total(stream, 0, 5)])
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert advance([total(stream, 0, 5)]) == [5.0]


def test_streams_that_ended_are_forgotten_after_a_month(db, raw):
    advance([total(STREAMS[0], 0, 5)])
    assert streams.forget(now=NOW + timedelta(days=30)) == 0
    assert streams.forget(now=NOW + timedelta(days=32)) == 1
    assert raw("SELECT count(*) FROM metric_stream")[0][0] == 0
