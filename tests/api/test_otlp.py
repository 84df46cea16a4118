"""The OpenTelemetry protocol over HTTP: encodings, what becomes of each signal, rights, retries, errors."""

import gzip
import time
from base64 import b64encode
from contextlib import ExitStack

import orjson
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from api import limits
from core.customers.tenants import actions as tenants
from core.health.ingest.gate import GATE
from core.health.otlp import receiving
from core.kernel.errors import Unavailable
from core.platform.keys.limiting import Limiter
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.platform.test_keys import make
from tests.core.platform.test_keys_limiting import Clock

BASE = "/api/otlp/v1"
PROTOBUF, JSON = "application/x-protobuf", "application/json"
TRACE, SPAN = bytes(range(1, 17)), bytes(range(1, 9))
SECOND = 1_000_000_000


@pytest.fixture(autouse=True)
def _quiet_clock(monkeypatch):
    monkeypatch.setattr(limits, "_limiter", Limiter(Clock()))


@pytest.fixture
def send(client, system):
    """Exports a message with a key of the whole platform, unless headers say otherwise."""
    issued = make(system, scopes=["telemetry:create"])

    def export(signal, body, kind=PROTOBUF, **headers):
        named = {"content_type": kind, "authorization": f"Bearer {issued.key}"} | headers
        sent = body if isinstance(body, bytes) else body.SerializeToString()
        return client.post(
            f"{BASE}/{signal}", content=sent, headers={name.replace("_", "-"): told for name, told in named.items()}
        )

    return export


def now(seconds=0.0):
    return time.time_ns() + int(seconds * SECOND)


def attribute(holder, **pairs):
    for name, value in pairs.items():
        one = holder.attributes.add(key=name.replace("__", ".").replace("_of_", "_"))
        kind = "int_value" if isinstance(value, int) else "string_value"
        setattr(one.value, kind, value)
    return holder


def spans(*, service="shop", tenant=None):
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    attribute(resource.resource, service__name=service, **({"tenant__id": tenant} if tenant else {}))
    return request, resource.scope_spans.add()


def span(scope, name="GET /orders", *, kind=2, took=0.25, **attributes):
    made = scope.spans.add(name=name, kind=kind, trace_id=TRACE, span_id=SPAN)
    made.start_time_unix_nano = now(-took)
    made.end_time_unix_nano = made.start_time_unix_nano + int(took * SECOND)
    return attribute(made, **attributes)


def metric(kind, *, service="shop", name="orders", unit="1"):
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    attribute(resource.resource, service__name=service)
    made = resource.scope_metrics.add().metrics.add(name=name, unit=unit)
    getattr(made, kind).SetInParent()
    return request, getattr(made, kind)


def counter(value, *, started=-60.0, at=0.0, temporality=2, start=None):
    request, data = metric("sum")
    data.is_monotonic, data.aggregation_temporality = True, temporality
    data.data_points.add(start_time_unix_nano=start or now(started), time_unix_nano=now(at), as_int=value)
    return request


def rejected(answer, kind=ExportMetricsServiceResponse, field="rejected_data_points"):
    told = kind.FromString(answer.content).partial_success
    return getattr(told, field), told.error_message


def test_server_span_is_a_request_and_other_spans_are_not(send, raw):
    request, scope = spans()
    span(scope, http__request__method="POST", http__route="/orders/{id}", http__response__status_code=201)
    span(scope, "SELECT orders", kind=3)
    answer = send("traces", request)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, PROTOBUF, b"")
    [row] = raw("SELECT * FROM request_record WHERE channel = 'product'")
    assert (row.service, row.route, row.method, row.status) == ("shop", "/orders/{id}", "POST", 201)
    assert (float(row.duration_ms), row.is_error, row.request_id) == (250.0, False, TRACE.hex())


@pytest.mark.parametrize(
    ("attributes", "route", "status"),
    [
        ({"url__path": "/orders/42/lines/7f3c1a2b-1111-4222-8333-444455556666"}, "/orders/{id}/lines/{id}", 200),
        ({"http__target": "/search?q=secret", "http__status_of_code": 404}, "/search", 404),
        ({"http__url": "https://shop.example/a/0123456789abcdef0123"}, "/a/{id}", 200),
        ({"rpc__system": "grpc", "rpc__grpc__status_of_code": 5}, "GET /orders", 404),
        ({"http__route": "x" * 500}, "x" * 200, 200),
    ],
)
def test_route_is_the_template_or_the_folded_path_or_the_name(send, raw, attributes, route, status):
    request, scope = spans()
    span(scope, **attributes)
    assert send("traces", request).content == b""
    [row] = raw("SELECT * FROM request_record WHERE channel = 'product'")
    assert (row.route, row.status) == (route, status)


def test_failed_span_without_a_status_counts_as_an_error(send, raw):
    request, scope = spans()
    span(scope).status.code = 2
    send("traces", request)
    [row] = raw("SELECT * FROM request_record WHERE channel = 'product'")
    assert (row.status, row.is_error) == (500, True)


def test_exceptions_of_any_span_are_errors_of_one_group(send, raw):
    request, scope = spans()
    for line in (3, 30):
        event = span(scope, "work", kind=1).events.add(name="exception", time_unix_nano=now())
        trace = f'Traceback (most recent call last):\n  File "/srv/shop/cart.py", line {line}, in add\nKeyError: {line}'
        attribute(event, exception__type="KeyError", exception__message=str(line), exception__stacktrace=trace)
    send("traces", request)
    rows = raw("SELECT * FROM error_record ORDER BY message")
    assert [(row.service, row.type, row.message, row.request_id) for row in rows] == [
        ("shop", "KeyError", "3", TRACE.hex()), ("shop", "KeyError", "30", TRACE.hex()),
    ]  # fmt: skip
    assert "cart.py" in rows[0].trace
    assert len(raw("SELECT 1 FROM error_group")) == 1


def test_error_logs_are_errors_and_others_are_not(send, raw):
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    attribute(resource.resource, service__name="shop")
    records = resource.scope_logs.add().log_records
    for number, word in ((9, "INFO"), (17, "ERROR"), (0, "critical")):
        record = records.add(severity_number=number, severity_text=word, time_unix_nano=now(), trace_id=TRACE)
        record.body.string_value = f"{word} 17 happened"
    assert send("logs", request).content == b""
    rows = raw("SELECT * FROM error_record ORDER BY message")
    assert [(row.type, row.message, row.request_id) for row in rows] == [
        ("ERROR log", "ERROR 17 happened", TRACE.hex()), ("critical log", "critical 17 happened", TRACE.hex()),
    ]  # fmt: skip


def points(raw):
    return raw("SELECT s.name, s.kind, s.unit, s.service, s.labels, p.value, p.count FROM metric_point p"
               " JOIN metric_series s ON s.id = p.series_id ORDER BY p.at, p.value")  # fmt: skip


def test_gauge_keeps_its_value_and_labels(send, raw):
    request, data = metric("gauge", name="queue.depth", unit="{job}")
    attribute(data.data_points.add(time_unix_nano=now(), as_double=4.5), queue="mail", shard=3)
    assert send("metrics", request).content == b""
    [row] = points(raw)
    assert (row.name, row.kind, row.unit, row.service, row.value, row.count) == (
        "queue.depth", "gauge", "{job}", "shop", 4.5, 1,
    )  # fmt: skip
    assert row.labels == {"queue": "mail", "shard": "3"}


def test_delta_counters_add_up(send, raw):
    for value in (3, 4):
        send("metrics", counter(value, temporality=1))
    assert [row.value for row in points(raw)] == [3.0, 4.0]


def test_cumulative_counters_become_what_was_added(send, raw):
    start = now(-60)
    for value in (3, 10, 10):
        send("metrics", counter(value, start=start))
    restarted = now()
    send("metrics", counter(2, start=restarted))
    assert [row.value for row in points(raw)] == [3.0, 7.0, 0.0, 2.0]


def test_total_of_an_old_stream_is_only_where_counting_begins(send, raw):
    start = now(-86_400)
    for value in (1_000_000, 1_000_007):
        send("metrics", counter(value, start=start))
    assert [row.value for row in points(raw)] == [7.0]


def test_points_out_of_order_within_an_export_and_between_exports(send, raw):
    request, data = metric("sum")
    data.is_monotonic, data.aggregation_temporality, start = True, 2, now(-60)
    for at, value in ((-10, 9), (-20, 5), (-10, 9), (-30, 2)):
        data.data_points.add(start_time_unix_nano=start, time_unix_nano=now(at) // SECOND * SECOND, as_int=value)
    send("metrics", request)
    send("metrics", counter(7, start=start, at=-15))
    send("metrics", counter(12, start=start, at=-1))
    assert [row.value for row in points(raw)] == [2.0, 3.0, 4.0, 3.0]


def test_two_processes_of_a_service_count_apart_and_add_up(send, raw):
    start = now(-60)
    for instance, values in (("a", (3, 5)), ("b", (10, 11))):
        for value in values:
            request = counter(value, start=start)
            attribute(request.resource_metrics[0].resource, service__instance__id=instance)
            send("metrics", request)
    assert sum(row.value for row in points(raw)) == 5 + 11
    assert len(raw("SELECT 1 FROM metric_series")) == 1


def test_counters_beyond_what_a_float_holds_are_exact(send, raw):
    start = now(-60)
    for value in (2**62, 2**62 + 3):
        send("metrics", counter(value, start=start))
    assert [row.value for row in points(raw)] == [2.0**62, 3.0] or [row.value for row in points(raw)] == [3.0, 2.0**62]


def test_histograms_keep_count_sum_and_extremes(send, raw):
    request, data = metric("histogram", name="latency", unit="ms")
    data.aggregation_temporality = 1
    data.data_points.add(
        time_unix_nano=now(), count=5, sum=260.0, min=2.0, max=200.0, explicit_bounds=[10, 100], bucket_counts=[2, 2, 1]
    )
    send("metrics", request)
    rows = points(raw)
    assert sum(row.count for row in rows) == 5
    assert sum(row.value * row.count for row in rows) == pytest.approx(260)
    assert (rows[0].value, rows[-1].value) == (2.0, 200.0)
    assert sum(row.count for row in rows if row.value <= 10) == 2


def test_cumulative_exponential_histograms_become_what_was_added(send, raw):
    start = now(-60)
    for scale, counts, total in ((2, [1, 2], 3.7), (1, [4, 3], 10.0)):
        request, data = metric("exponential_histogram", name="size", unit="By")
        data.aggregation_temporality = 2
        point = data.data_points.add(
            start_time_unix_nano=start, time_unix_nano=now(), count=sum(counts), sum=total, scale=scale
        )
        point.positive.offset = 0
        point.positive.bucket_counts.extend(counts)
        assert send("metrics", request).content == b""
    assert sum(row.count for row in points(raw)) == 7
    assert sum(row.value * row.count for row in points(raw)) == pytest.approx(10)


def test_summaries_keep_sum_and_count(send, raw):
    request, data = metric("summary", name="pause", unit="s")
    data.data_points.add(start_time_unix_nano=now(-60), time_unix_nano=now(), count=4, sum=10.0)
    send("metrics", request)
    assert [(row.kind, row.value, row.count) for row in points(raw)] == [("histogram", 2.5, 4)]


def test_bad_points_are_told_and_good_ones_kept(send, raw):
    request, data = metric("gauge")
    for at, value in ((now(), float("nan")), (now(3_600), 1.0), (now(-86_400 * 30), 1.0), (0, 1.0), (now(), 2.0)):
        data.data_points.add(time_unix_nano=at, as_double=value)
    data.data_points.add(time_unix_nano=now(), flags=1)
    answer = send("metrics", request)
    count, told = rejected(answer)
    assert (answer.status_code, count) == (200, 4)
    for part in (
        "orders: The value must be a number",
        "more than 10 minutes ahead",
        "not kept any more",
        "has no time",
    ):
        assert part in told
    assert [row.value for row in points(raw)] == [2.0]


def test_contradictions_are_told(send):
    request, data = metric("histogram")
    data.aggregation_temporality = 1
    data.data_points.add(time_unix_nano=now(), count=5, explicit_bounds=[1], bucket_counts=[1, 1])
    data.data_points.add(time_unix_nano=now(), count=2, explicit_bounds=[2, 1], bucket_counts=[1, 1, 0])
    other, _ = metric("sum")
    other.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points.add(time_unix_nano=now(), as_int=1)
    request.MergeFrom(other)
    count, told = rejected(send("metrics", request))
    assert count == 3
    for part in ("do not add up", "must be numbers that ascend", "cumulative or delta"):
        assert part in told


def test_same_export_again_changes_nothing_however_it_is_packed(send, raw):
    body = counter(5, temporality=1).SerializeToString()
    answers = [
        send("metrics", body),
        send("metrics", gzip.compress(body), content_encoding="gzip"),
        send("metrics", body),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [row.value for row in points(raw)] == [5.0]


def test_json_has_ids_in_hex_numbers_as_text_and_gets_json(send, raw):
    document = {"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
        "scopeSpans": [{"scope": {}, "spans": [{
            "traceId": TRACE.hex().upper(), "spanId": SPAN.hex(), "name": "GET", "kind": 2, "unknownField": 1,
            "startTimeUnixNano": str(now(-1)), "endTimeUnixNano": str(now()),
            "attributes": [{"key": "http.response.status_code", "value": {"intValue": "503"}},
                           {"key": "traceId", "value": {"stringValue": "kept as it is"}}],
        }]}],
    }]}  # fmt: skip
    answer = send("traces", orjson.dumps(document), JSON)
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, JSON, {})
    [row] = raw("SELECT * FROM request_record WHERE channel = 'product'")
    assert (row.request_id, row.status, row.is_error) == (TRACE.hex(), 503, True)


def test_partial_success_in_json(send):
    request, data = metric("gauge")
    point = {"timeUnixNano": "0", "asDouble": 1}
    document = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m", "gauge": {"dataPoints": [point]}}]}]}]}
    told = send("metrics", orjson.dumps(document), JSON).json()["partialSuccess"]
    assert told == {"rejectedDataPoints": "1", "errorMessage": "m: The point has no time."}
    assert request.ByteSize() and data is not None


def test_tenants_are_checked_and_a_bound_key_is_of_its_own(send, client, system, raw):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    bound = make(system, tenant_id=mine.id, scopes=["telemetry:create"])
    own = {"authorization": f"Bearer {bound.key}"}
    for tenant, headers, problem in (
        (str(mine.id), {}, ""), (None, own, ""), (str(other.id), own, "bound to another tenant"),
        ("nonsense", {}, "must be the tenant's id"), ("5e0bd4b3-5c1c-4f0e-9c62-6b0e3c1ab871", {}, "There is no tenant"),
    ):  # fmt: skip
        request, scope = spans(tenant=tenant)
        span(scope)
        count, told = rejected(send("traces", request, **headers), ExportTraceServiceResponse, "rejected_spans")
        assert count == bool(problem) and problem in told
    rows = raw("SELECT tenant_id FROM request_record WHERE channel = 'product'")
    assert [row.tenant_id for row in rows] == [mine.id, mine.id]


def test_tenant_of_a_point_is_no_label(send, system, raw):
    tenant = make_tenant(system)
    request, data = metric("gauge")
    attribute(data.data_points.add(time_unix_nano=now(), as_double=1), tenant__id=str(tenant.id), queue="mail")
    send("metrics", request)
    [row] = raw("SELECT * FROM metric_series")
    assert (row.tenant_id, row.labels) == (tenant.id, {"queue": "mail"})


def test_name_of_the_portal_is_its_own(send, raw):
    request, scope = spans(service="portal")
    span(scope)
    count, told = rejected(send("traces", request), ExportTraceServiceResponse, "rejected_spans")
    assert count == 1 and "portal's own name" in told


def test_suspended_tenant_may_not_send(send, system):
    tenant = make_tenant(system)
    bound = make(system, tenant_id=tenant.id, scopes=["telemetry:create"])
    tenants.suspend(system, tenant.id, reason="Unpaid")
    assert send("metrics", counter(1), authorization=f"Bearer {bound.key}").status_code == 403


def told_by(answer):
    return Status.FromString(answer.content) if answer.headers["content-type"] == PROTOBUF else answer.json()


def test_errors_have_the_form_of_the_protocol(send, client, system):
    reader = make(system, scopes=["health:read"])
    body = counter(1)
    for answer, status, code in (
        (send("metrics", b"\xff\xff"), 400, 3),
        (send("metrics", body, authorization="Bearer nonsense"), 401, 16),
        (send("metrics", body, authorization=f"Bearer {reader.key}"), 403, 7),
        (send("metrics", b"not gzip", content_encoding="gzip"), 400, 3),
        (send("metrics", body, content_encoding="br"), 415, 3),
        (send("metrics", gzip.compress(bytes(20 * 2**20)), content_encoding="gzip"), 413, 8),
    ):
        assert (answer.status_code, told_by(answer).code) == (status, code), told_by(answer)
        assert told_by(answer).message and "retry-after" not in answer.headers
    assert send("metrics", b"{", JSON).json()["code"] == 3
    assert send("metrics", b"x", "text/plain").status_code == 415
    assert client.get(f"{BASE}/metrics").status_code == 405


def test_what_may_be_sent_again_says_when(send, monkeypatch):
    def fail(*_, **__):
        raise Unavailable("The database does not answer.")

    with ExitStack() as held:
        for sender in range(GATE._most):
            held.enter_context(GATE.enter(sender))
        busy = send("metrics", counter(1))
    monkeypatch.setattr(receiving, "record", fail)
    down = send("metrics", counter(1))
    assert [(one.status_code, told_by(one).code) for one in (busy, down)] == [(429, 8), (503, 14)]
    assert all(int(one.headers["retry-after"]) >= 1 for one in (busy, down))


def test_large_exports_are_taken_and_larger_ones_refused(send):
    request, data = metric("gauge", name="m")
    attribute(data.data_points.add(time_unix_nano=now(), as_double=1), text="x" * 2**21)
    count, told = rejected(send("metrics", request))
    assert count == 1 and "at most 200" in told
    assert send("metrics", bytes(17 * 2**20)).status_code == 413


@pytest.mark.parametrize(
    "document",
    [
        [], "text", 5, None, {"resourceSpans": 5}, {"resourceSpans": [5]},
        {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 5}]}]}]},
        {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]},
        {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "ä"}]}]}]},
        {"resourceSpans": [{"scopeSpans": [{"spans": [{"startTimeUnixNano": "-1"}]}]}]},
        {"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": {"a": "b"}}]}]}]},
    ],
    ids=str,
)  # fmt: skip
def test_malformed_json_is_400_and_never_a_defect(send, document):
    answer = send("traces", orjson.dumps(document), JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, 3), answer.text


def test_deep_nesting_is_400(send):
    value = b'{"stringValue":"x"}'
    for _ in range(300):
        value = b'{"arrayValue":{"values":[' + value + b"]}}"
    body = b'{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":' + value + b"}]}}]}"
    assert send("traces", body, JSON).status_code == 400


def test_ids_of_json_in_base64_are_not_what_the_protocol_says(send):
    spans_of = [{"traceId": b64encode(TRACE).decode(), "name": "x"}]
    document = {"resourceSpans": [{"scopeSpans": [{"spans": spans_of}]}]}
    assert send("traces", orjson.dumps(document), JSON).status_code == 400
