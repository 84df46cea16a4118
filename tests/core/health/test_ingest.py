"""Batches of telemetry: stored whole with what they say of themselves, and once."""

import json
import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from core.health.ingest import storing, taking, tasks, tenants
from core.health.ingest.rules import FILES
from core.health.ingest.taking import Batch, OtherContent, take
from core.kernel.actor import Actor
from core.kernel.errors import Denied, NotFound, Unavailable
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from tests.core.customers.test_tenants import make as make_tenant

SENDER = uuid4()


def sender(**values: object) -> Actor:
    given = {"operator_id": None, "scope": "all", "key_id": SENDER, "channel": "api"} | values
    return Actor(name="key", role="api_key", grants=frozenset({"telemetry:create"}), **given)


def rows_of_all(tenant: UUID | None = None, **values: object) -> list[dict]:
    about = {"at": utc_now().isoformat(), "tenant_id": str(tenant) if tenant else None}
    return [
        about | {"type": "request", "service": "web", "route": "/orders/{id}?q=1", "method": "GET", "status": 503,
                 "duration_ms": 12.3456, "response_bytes": 5, "trace_id": "t1"} | values,
        about | {"type": "message", "provider": "twilio", "channel": "sms", "status": "delivered", "duration_ms": 250,
                 "cost": "0.123456789", "currency": "EUR", "message_id": "m1"},
        about | {"type": "metric", "name": "queue", "kind": "histogram", "value": 1.5, "count": 4, "unit": "s",
                 "service": "web", "labels": {"zone": "a"}},
        about | {"type": "error", "service": "web", "error_type": "KeyError", "message": "no 7", "trace": "at x",
                 "route": "/orders", "trace_id": "t1"},
    ]  # fmt: skip


def batch(rows: list[dict], id: str = "b1", content: bytes = b"one") -> Batch:
    return Batch(id, [json.dumps(row).encode() for row in rows], content)


def test_rows_of_every_type_are_stored_with_all_they_say(db, raw, system):
    tenant = make_tenant(system)
    taken = take(sender(), batch(rows_of_all(tenant.id)))
    assert taken.answer == {"batch_id": "b1", "accepted": 4, "rejected": 0, "errors": []}
    request = raw("SELECT * FROM request_record")[0]
    assert (request.service, request.channel, request.route, request.method) == (
        "web",
        "product",
        "/orders/{id}",
        "GET",
    )
    assert (request.status, float(request.duration_ms), request.is_error, request.response_bytes) == (
        503,
        12.346,
        True,
        5,
    )
    assert (request.tenant_id, request.request_id, request.operator_id, request.id.version) == (
        tenant.id,
        "t1",
        None,
        7,
    )
    message = raw("SELECT * FROM message_event")[0]
    assert (message.provider, message.channel, message.status, message.tenant_id) == (
        "twilio",
        "sms",
        "delivered",
        tenant.id,
    )
    assert (str(message.cost), message.currency, message.message_id, message.error) == ("0.12345679", "EUR", "m1", None)
    point = raw(
        "SELECT p.*, s.name, s.kind, s.unit, s.labels FROM metric_point p JOIN metric_series s ON s.id = series_id"
    )[0]
    assert (point.name, point.kind, point.unit, point.labels) == ("queue", "histogram", "s", {"zone": "a"})
    assert (point.value, point.count, point.tenant_id) == (1.5, 4, tenant.id)
    error = raw("SELECT * FROM error_record")[0]
    assert (error.service, error.type, error.message, error.trace) == ("web", "KeyError", "no 7", "at x")
    assert (error.route, error.request_id, error.tenant_id) == ("/orders", "t1", tenant.id)
    known = raw("SELECT * FROM ingest_batch")[0]
    assert (known.actor_id, known.batch_id, known.fingerprint, known.accepted) == (SENDER, "b1", b"one", 4)


def test_errors_of_one_kind_share_a_fingerprint_and_a_given_one_counts(db, raw):
    rows = [row for row in rows_of_all() if row["type"] == "error"] * 4
    rows = [
        rows[0],
        rows[1] | {"message": "no 8"},
        rows[2] | {"service": "api"},
        rows[3] | {"fingerprint": "checkout-1"},
    ]
    take(sender(), batch(rows))
    by_mark = raw("SELECT fingerprint, service, count(*) AS many FROM error_record GROUP BY 1, 2 ORDER BY 2, 3")
    assert [(row.service, row.many) for row in by_mark] == [("api", 1), ("web", 1), ("web", 2)]
    assert by_mark[1].fingerprint == "checkout-1"
    assert len({row.fingerprint for row in by_mark}) == 3


def test_good_rows_are_stored_beside_bad_ones(db, raw):
    rows = [*rows_of_all(), *rows_of_all(uuid4()), *rows_of_all(status=9)]
    answer = take(sender(), batch(rows)).answer
    assert (answer["accepted"], answer["rejected"]) == (7, 5)
    assert [one["index"] for one in answer["errors"]] == [4, 5, 6, 7, 8]
    assert {one["code"] for one in answer["errors"]} == {"unknown_tenant", "out_of_range"}
    counts = raw(
        "SELECT (SELECT count(*) FROM request_record) AS requests, (SELECT count(*) FROM message_event) AS messages,"
        " (SELECT count(*) FROM metric_point) AS points, (SELECT count(*) FROM error_record) AS errors"
    )
    assert tuple(counts[0]) == (1, 2, 2, 2)


def test_a_bound_key_cannot_write_for_another_tenant(db, raw, system):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    answer = take(
        sender(scope="tenant", tenant_id=mine.id),
        batch([*rows_of_all(), *rows_of_all(mine.id), *rows_of_all(other.id)]),
    ).answer
    assert (answer["accepted"], answer["rejected"]) == (8, 4)
    for table in ("request_record", "message_event", "metric_point", "error_record"):
        assert {row.tenant_id for row in raw(f"SELECT tenant_id FROM {table}")} == {mine.id}


def test_a_deleted_tenant_is_unknown(db, raw, system):
    tenant = make_tenant(system)
    raw("UPDATE tenant SET status = 'deleted'")
    assert take(sender(), batch(rows_of_all(tenant.id))).answer["rejected"] == 4


def test_who_is_assigned_to_a_tenant_writes_for_that_one(db, raw, system):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    operator = uuid4()
    raw("INSERT INTO tenant_assignment VALUES (:operator, :tenant, now())", operator=operator, tenant=mine.id)
    actor = sender(operator_id=operator, scope="assigned")
    answer = take(actor, batch([*rows_of_all(mine.id), *rows_of_all(other.id), *rows_of_all()])).answer
    assert (answer["accepted"], answer["rejected"]) == (4, 8)


def test_without_the_right_nothing_is_taken(db, raw):
    actor = Actor(None, "key", "api_key", frozenset({"health:read"}), "all", key_id=SENDER)
    with pytest.raises(Denied, match="telemetry:create"):
        take(actor, batch(rows_of_all()))
    assert raw("SELECT count(*) FROM ingest_batch")[0].count == 0


def test_the_same_batch_again_gets_the_same_answer_and_stores_nothing(db, raw):
    first = take(sender(), batch([*rows_of_all(), *rows_of_all(status=9)]))
    again = take(sender(), batch([*rows_of_all(), *rows_of_all(status=9)]))
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert again.answer == first.answer
    assert raw("SELECT count(*) FROM request_record")[0].count == 1


def test_the_same_batch_of_another_sender_is_another_batch(db, raw):
    take(sender(), batch(rows_of_all()))
    assert not take(sender(key_id=uuid4()), batch(rows_of_all())).is_repeat
    assert raw("SELECT count(*) FROM request_record")[0].count == 2


def test_an_id_with_other_content_is_refused(db, raw):
    take(sender(), batch(rows_of_all()))
    with pytest.raises(OtherContent, match="other content") as caught:
        take(sender(), batch(rows_of_all(), content=b"two"))
    assert list(caught.value.fields) == ["batch_id"]
    assert raw("SELECT count(*) FROM request_record")[0].count == 1


def test_a_batch_that_cannot_be_stored_leaves_nothing(db, raw, monkeypatch):
    def fails(*_):
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(storing.metrics, "store", fails)
    with pytest.raises(Unavailable):
        take(sender(), batch(rows_of_all()))
    monkeypatch.undo()
    assert not take(sender(), batch(rows_of_all())).is_repeat
    assert raw("SELECT count(*) FROM request_record")[0].count == 1


def test_points_of_too_many_series_are_told_in_the_answer_and_in_its_repeat(db, raw, monkeypatch):
    monkeypatch.setattr("core.health.metrics.recording.MAX_SERIES", 1)
    rows = [row for row in rows_of_all() if row["type"] == "metric"]
    rows.append(rows[0] | {"name": "other"})
    first, again = take(sender(), batch(rows)), take(sender(), batch(rows))
    assert (first.answer["accepted"], first.answer["rejected"]) == (1, 1)
    assert first.answer["errors"][0]["code"] == "too_many_series"
    assert again.answer == first.answer
    assert tuple(raw("SELECT accepted, rejected FROM ingest_batch")[0]) == (1, 1)


def test_a_batch_that_arrives_twice_at_once_is_stored_once(committed_db, committed_raw, monkeypatch):
    inside, go = threading.Event(), threading.Event()
    original = storing.store

    def slowly(tx, judged):
        inside.set()
        go.wait(60)
        return original(tx, judged)

    monkeypatch.setattr(taking.storing, "store", slowly)
    rows, found = rows_of_all(), []
    threads = [threading.Thread(target=lambda: found.append(take(sender(), batch(rows)))) for _ in range(2)]
    threads[0].start()
    assert inside.wait(60)
    threads[1].start()
    threads[1].join(0.5)
    assert found == [], "the second waits for the first"
    go.set()
    for one in threads:
        one.join(20)
    assert sorted(one.is_repeat for one in found) == [False, True]
    assert found[0].answer == found[1].answer
    assert committed_raw("SELECT count(*) FROM request_record")[0].count == 1


def test_partitions_are_made_where_they_are_missing(committed_db, committed_raw):
    old = (utc_now() - timedelta(days=6, hours=23)).isoformat()
    rows = [row | {"at": old} for row in rows_of_all()] + rows_of_all()
    assert take(sender(), batch(rows)).answer["accepted"] == 8
    for table in ("request_record", "message_event", "metric_point", "error_record"):
        assert committed_raw(f"SELECT count(*) FROM {table}")[0].count == 2


def test_runs_of_days_are_made_ready_and_not_the_years_between():
    day = utc_now().replace(year=2015, month=5, day=17, hour=10)
    times = [day, day + timedelta(days=1), day + timedelta(days=30), day]
    assert [(first.day, first.month, last.day) for first, last in storing._spans(times)] == [(17, 5, 18), (16, 6, 16)]
    assert storing._spans(times[:2]) == [(day, day + timedelta(days=1))]
    assert storing._spans([]) == []


def test_ids_count_up_and_are_of_version_7():
    found = [UUID(one) for one in storing.ids(3)]
    assert [one.version for one in found] == [7, 7, 7]
    assert found == sorted(found)
    assert found[2].int - found[0].int == 2


def test_old_batches_are_forgotten_and_those_of_files_later(db, raw, system):
    for number, (owner, days) in enumerate([(SENDER, 7), (SENDER, 9), (FILES, 9), (FILES, 401)]):
        raw(
            "INSERT INTO ingest_batch VALUES (:owner, :id, now() - make_interval(days => :days), '', 0, 0, '{}')",
            owner=owner, id=f"b{number}", days=days,
        )  # fmt: skip
    tasks.forget(system)
    assert sorted(row.batch_id for row in raw("SELECT batch_id FROM ingest_batch")) == ["b0", "b2"]


def test_a_tenant_is_found_by_id_domain_or_name(db, raw, system):
    tenant = make_tenant(system, "Acme")
    for named in (str(tenant.id), tenant.domain.upper(), " acme "):
        assert tenants.resolve(system, named) == tenant.id
    with pytest.raises(NotFound, match="No tenant is called Nobody"):
        tenants.resolve(system, "Nobody")
    raw("UPDATE tenant SET name = 'Same'")
    make_tenant(system, "Same")
    with pytest.raises(NotFound, match="More than one"):
        tenants.resolve(system, "same")


def test_known_tenants_are_found_in_one_query(db, system):
    made = [make_tenant(system, f"T{number}").id for number in range(3)]
    with record(system) as tx:
        assert tenants.known(tx, [*made, uuid4()]) == set(made)
        assert tenants.known(tx, []) == set()
