"""POST /api/v1/events and GET /api/metrics over HTTP."""

import gzip
import json
from uuid import uuid4

import pytest

from api import limits
from core.health.ingest import counts, gate
from core.health.ingest.gate import GATE, Gate
from core.kernel.errors import TooMany, Unavailable
from core.kernel.times import utc_now
from core.platform.keys import actions as keys
from core.platform.keys.limiting import Limiter
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.platform.test_keys import make
from tests.core.platform.test_keys_limiting import Clock

EVENTS, METRICS = "/api/v1/events", "/api/metrics"
NDJSON = "application/x-ndjson"


@pytest.fixture(autouse=True)
def _quiet_clock(monkeypatch):
    """The limit of each test begins anew."""
    monkeypatch.setattr(limits, "_limiter", Limiter(Clock()))


@pytest.fixture
def headers(system):
    return {"Authorization": f"Bearer {make(system, scopes=['telemetry:create']).key}"}


def row(**values: object) -> dict:
    about = {
        "type": "request",
        "at": utc_now().isoformat(),
        "service": "web",
        "route": "/a",
        "method": "GET",
        "status": 200,
    }
    return about | values


def lines(*rows: object) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in rows)


def problem(answer, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


def stored(raw) -> int:
    return raw("SELECT count(*) FROM request_record WHERE channel = 'product'")[0].count


def test_json_is_taken(client, headers, raw):
    answer = client.post(EVENTS, json={"batch_id": "b1", "events": [row(), row(status=500)]}, headers=headers)
    assert answer.status_code == 200
    assert answer.json() == {"batch_id": "b1", "accepted": 2, "rejected": 0, "errors": []}
    assert "idempotency-replayed" not in answer.headers
    assert stored(raw) == 2


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_lines_are_taken_plain_and_packed(client, headers, raw, packed):
    body = lines(row(), b"", b"{oops", row(status=7), row())
    more = {"Content-Type": NDJSON, "Idempotency-Key": "b1"} | ({"Content-Encoding": "gzip"} if packed else {})
    answer = client.post(EVENTS, content=gzip.compress(body) if packed else body, headers=headers | more).json()
    assert (answer["accepted"], answer["rejected"]) == (2, 2)
    assert [(one["index"], one["code"], one["field"]) for one in answer["errors"]] == [
        (2, "malformed", None), (3, "out_of_range", "status"),
    ]  # fmt: skip
    assert stored(raw) == 2


def test_rows_that_are_no_json_do_not_spoil_a_json_batch(client, headers, raw):
    events = json.dumps([row(), row(duration_ms=float("nan")), row()])
    answer = client.post(
        EVENTS,
        content=f'{{"batch_id": "b", "events": {events}}}',
        headers=headers | {"Content-Type": "application/json"},
    )
    assert (answer.json()["accepted"], answer.json()["errors"][0]["code"]) == (2, "not_finite")
    assert stored(raw) == 2


def test_again_is_answered_the_same_and_says_so(client, headers, raw):
    sent = {"batch_id": "b1", "events": [row(), row(status=1)]}
    first, again = (client.post(EVENTS, json=sent, headers=headers) for _ in range(2))
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    body = json.dumps(sent).encode()
    packed = headers | {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    plain = client.post(
        EVENTS, content=body, headers=headers | {"Content-Type": "application/json", "Idempotency-Key": "b1"}
    )
    assert problem(plain, 422)["type"] == "urn:quarterdeck:batch_id_reused", "other bytes"
    sent["batch_id"] = "b2"
    body = json.dumps(sent).encode()
    client.post(EVENTS, content=body, headers=headers | {"Content-Type": "application/json"})
    assert client.post(EVENTS, content=gzip.compress(body), headers=packed).headers["idempotency-replayed"] == "true"
    assert stored(raw) == 2


@pytest.mark.parametrize(
    ("sent", "more", "field"),
    [({"events": []}, {}, "batch_id"), ({"events": [], "batch_id": ""}, {}, "batch_id"),
     ({"events": [], "batch_id": "ä"}, {}, "batch_id"), ({"events": [], "batch_id": "x" * 201}, {}, "batch_id"),
     ({"events": [], "batch_id": "a"}, {"Idempotency-Key": "b"}, "batch_id")],
)  # fmt: skip
def test_a_batch_needs_one_good_id(client, headers, sent, more, field):
    assert list(problem(client.post(EVENTS, json=sent, headers=headers | more), 422)["errors"]) == [field]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"batch_id": "b", "events": 5}', b'{"batch_id": "b"}', b"\xff"])
def test_a_body_that_is_no_batch_is_a_sentence(client, headers, body):
    told = problem(client.post(EVENTS, content=body, headers=headers | {"Content-Type": "application/json"}), 422)
    assert (told["type"], "batch_id" in told["detail"]) == ("urn:quarterdeck:malformed", True)


def test_other_types_and_packings_are_415(client, headers):
    for more in (
        {"Content-Type": "text/plain"},
        {"Content-Type": NDJSON, "Content-Encoding": "br", "Idempotency-Key": "b"},
    ):
        assert problem(client.post(EVENTS, content=b"{}", headers=headers | more), 415)["detail"].startswith(
            "Send the "
        )


def test_a_damaged_archive_is_422_and_a_bomb_413(client, headers, raw):
    more = {"Content-Type": NDJSON, "Content-Encoding": "gzip", "Idempotency-Key": "b"}
    assert problem(client.post(EVENTS, content=b"no gzip", headers=headers | more), 422)
    bomb = gzip.compress(b" " * (17 * 1024 * 1024))
    told = problem(client.post(EVENTS, content=bomb, headers=headers | more), 413)
    assert "16 MiB when unpacked" in told["detail"]
    assert raw("SELECT count(*) FROM ingest_batch")[0].count == 0


def test_sixteen_mebibytes_may_come_and_no_more(client, headers, raw):
    body = lines(row()) + b" " * (2 * 1024 * 1024)
    more = {"Content-Type": NDJSON, "Idempotency-Key": "b"}
    assert client.post(EVENTS, content=body, headers=headers | more).json()["accepted"] == 1
    assert "16 MiB" in problem(client.post(EVENTS, content=body * 9, headers=headers | more), 413)["detail"]

    def parts():
        for _ in range(17 * 16):
            yield b" " * 65536

    assert "16 MiB" in problem(client.post(EVENTS, content=parts(), headers=headers | more), 413)["detail"]
    assert stored(raw) == 1


def test_too_many_rows_are_422(client, headers):
    body, more = b"{}\n" * 10_001, {"Content-Type": NDJSON, "Idempotency-Key": "b"}
    assert "10,000 rows" in problem(client.post(EVENTS, content=body, headers=headers | more), 422)["detail"]


def test_tenants_over_http(client, system, raw):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    bound = {"Authorization": f"Bearer {make(system, tenant_id=mine.id, scopes=['telemetry:create']).key}"}
    sent = {"batch_id": "b", "events": [row(), row(tenant_id=str(mine.id)), row(tenant_id=str(other.id))]}
    answer = client.post(EVENTS, json=sent, headers=bound).json()
    assert (answer["accepted"], answer["errors"][0]["code"]) == (2, "other_tenant")
    assert {one.tenant_id for one in raw("SELECT tenant_id FROM request_record WHERE channel = 'product'")} == {mine.id}
    platform = {"Authorization": f"Bearer {make(system, 'P', scopes=['telemetry:create']).key}"}
    sent = {"batch_id": "b", "events": [row(), row(tenant_id=str(other.id)), row(tenant_id=str(uuid4()))]}
    answer = client.post(EVENTS, json=sent, headers=platform).json()
    assert (answer["accepted"], answer["errors"][0]["code"]) == (2, "unknown_tenant")


def test_who_may_not_send_is_refused_before_the_body_is_read(client, system, raw):
    assert problem(client.post(EVENTS, json={}), 401)
    reader = make(system, scopes=["health:read"])
    assert "telemetry:create" in problem(
        client.post(EVENTS, content=b"{", headers={"Authorization": f"Bearer {reader.key}"}), 403
    )["detail"]  # fmt: skip
    sender = make(system, "Sender", scopes=["telemetry:create"])
    keys.revoke(system, sender.row.id, reason="Leaked")
    sent = {"batch_id": "b", "events": [row()]}
    told = problem(client.post(EVENTS, json=sent, headers={"Authorization": f"Bearer {sender.key}"}), 401)
    assert "revoked" in told["detail"]
    assert stored(raw) == 0


def test_a_full_gate_is_429_with_a_time_and_opens_again(client, headers, raw, monkeypatch):
    monkeypatch.setattr(GATE, "_most", 1)
    sent = {"batch_id": "b", "events": [row()]}
    with GATE.enter():
        answer = client.post(EVENTS, json=sent, headers=headers)
        assert problem(answer, 429)["type"] == "urn:quarterdeck:rate_limited"
        assert answer.headers["retry-after"] == "1"
    assert stored(raw) == 0
    assert client.post(EVENTS, json=sent, headers=headers).json()["accepted"] == 1
    assert GATE.in_hand == 0


def test_the_gate_lets_as_many_in_as_it_has_places():
    door = Gate(in_hand=2)
    with door.enter("a"), door.enter("b"), pytest.raises(TooMany), door.enter("c"):
        raise AssertionError("a third")
    with pytest.raises(ValueError, match="x"), door.enter():
        raise ValueError("x")
    assert (door.in_hand, dict(door._held)) == (0, {})


def test_one_sender_does_not_take_all_places():
    door = Gate(in_hand=3, of_one=2)
    with door.enter("a"), door.enter("a"):
        with pytest.raises(TooMany), door.enter("a"):
            raise AssertionError("a third of one sender")
        with door.enter("b"):
            assert door.in_hand == 3


def test_a_database_that_is_away_is_503_and_keeps_nothing(client, headers, raw, monkeypatch):
    def away(*_, **__):
        raise Unavailable("The database does not answer.")

    sent = {"batch_id": "b", "events": [row()]}
    monkeypatch.setattr("core.health.ingest.taking.record", away)
    assert problem(client.post(EVENTS, json=sent, headers=headers), 503)
    monkeypatch.undo()
    assert client.post(EVENTS, json=sent, headers=headers).json()["accepted"] == 1


def test_metrics_tell_what_this_process_did(client, system, headers, raw):
    def value(name: str) -> float:
        told = client.get(METRICS, headers=reader).text
        return sum(float(line.rsplit(" ", 1)[1]) for line in told.splitlines() if line.startswith(name))

    reader = {"Authorization": f"Bearer {make(system, 'R', scopes=['health:read']).key}"}
    before = {name: value(name) for name in NAMES}
    client.post(EVENTS, json={"batch_id": "b", "events": [row(), row(), row(status=1)]}, headers=headers)
    counts.BATCHES.labels("busy").inc()
    assert {name: value(name) - before[name] for name in NAMES} == NAMES
    answer = client.get(METRICS, headers=reader)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    for name in ("quarterdeck_jobs_waiting", "quarterdeck_requests_dropped_total", "process_resident_memory_bytes",
                 "quarterdeck_database_up 1.0", 'quarterdeck_request_duration_seconds_bucket{channel="api"'):  # fmt: skip
        assert f"\n{name}" in answer.text, name


NAMES = {
    'quarterdeck_ingest_rows_accepted_total{type="request"}': 2,
    'quarterdeck_ingest_rows_rejected_total{code="out_of_range"}': 1,
    'quarterdeck_ingest_batches_total{outcome="stored"}': 1,
    'quarterdeck_ingest_batches_total{outcome="busy"}': 1,
    'quarterdeck_requests_total{channel="api",method="POST",route="/api/v1/events",status="200"}': 1,
}


def test_metrics_take_the_accept_of_a_prometheus_server(client, system):
    accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
    reader = {"Authorization": f"Bearer {make(system, scopes=['health:read']).key}", "Accept": accept}
    assert client.get(METRICS, headers=reader).status_code == 200


def test_metrics_need_the_right(client, system, signed_in):
    assert problem(client.get(METRICS), 401)
    assert problem(
        client.get(METRICS, headers={"Authorization": f"Bearer {make(system, scopes=['tenants:read']).key}"}), 403
    )
    assert signed_in("support").get(METRICS).status_code == 200


def test_metrics_without_a_database_tell_the_rest(client, system, monkeypatch):
    def away(*_, **__):
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr("api.health.prometheus.queue.depth", away)
    reader = {"Authorization": f"Bearer {make(system, scopes=['health:read']).key}"}
    told = client.get(METRICS, headers=reader).text
    assert "quarterdeck_database_up 0.0" in told
    assert "quarterdeck_jobs_waiting" not in told


def test_paths_and_methods_that_anybody_makes_up_are_not_told_apart():
    from core.health.requests import exposed

    for number in range(3):
        exposed.observe(channel="web", route=f"/wp-{number}", method=f"X{number}", status=404, duration_ms=1)
    labels = [sample.labels for metric in exposed.REQUESTS.collect() for sample in metric.samples]
    assert not any("/wp-" in one["route"] or one["method"].startswith("X") for one in labels)
    assert gate.RETRY_AFTER_S >= 1
