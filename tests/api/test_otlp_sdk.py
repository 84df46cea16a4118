"""The official OpenTelemetry SDK exports to a running portal, in protobuf and in JSON."""

import logging
import subprocess
import sys
from dataclasses import dataclass

import pytest
from opentelemetry.exporter.otlp.json.http import _log_exporter as json_logs
from opentelemetry.exporter.otlp.json.http import metric_exporter as json_metrics
from opentelemetry.exporter.otlp.json.http import trace_exporter as json_traces
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http import _log_exporter as protobuf_logs
from opentelemetry.exporter.otlp.proto.http import metric_exporter as protobuf_metrics
from opentelemetry.exporter.otlp.proto.http import trace_exporter as protobuf_traces
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

from tests.e2e.conftest import Portal, running_portal

_KEY = (
    "import core.permissions; from core.kernel.actor import Actor; from core.platform.keys import actions;"
    "made = actions.create(Actor.system('test'), name='SDK', tenant_id=None, scopes=['telemetry:create']);"
    "print(made.key)"
)
EXPORTERS = {
    "protobuf": (protobuf_traces, protobuf_metrics, protobuf_logs, {"compression": Compression.Gzip}),
    "json": (json_traces, json_metrics, json_logs, {}),
}
DELTA = {Counter: AggregationTemporality.DELTA, Histogram: AggregationTemporality.DELTA}


@dataclass
class Service:
    """An instrumented service: what it does, and the exporters at work."""

    portal: Portal
    key: str
    encoding: str
    name: str

    def exporter(self, place, kind, signal, **options):
        module, more = EXPORTERS[self.encoding][place], EXPORTERS[self.encoding][3]
        headers = {"Authorization": f"Bearer {self.key}"}
        return getattr(module, kind)(
            endpoint=f"{self.portal.base}/api/otlp/v1/{signal}", headers=headers, **more, **options
        )

    @property
    def resource(self):
        return Resource.create({"service.name": self.name})


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_portal(tmp_path_factory.mktemp("otlp"), demo=False) as portal:
        made = subprocess.run(
            [sys.executable, "-c", _KEY], env=portal.environment, check=True, capture_output=True, text=True
        )
        yield portal, made.stdout.strip().splitlines()[-1]


@pytest.fixture(params=EXPORTERS)
def service(running, request):
    return Service(*running, request.param, f"shop-{request.param}")


def test_spans_and_an_exception_of_the_sdk(service):
    provider = TracerProvider(resource=service.resource)
    provider.add_span_processor(BatchSpanProcessor(service.exporter(0, "OTLPSpanExporter", "traces")))
    tracer = provider.get_tracer("shop")
    attributes = {"http.request.method": "GET", "http.route": "/orders/{id}", "http.response.status_code": 500}
    with (
        pytest.raises(ZeroDivisionError),
        tracer.start_as_current_span("GET", kind=SpanKind.SERVER, attributes=attributes),
    ):
        with tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT):
            pass
        _fail()
    assert provider.force_flush()
    provider.shutdown()
    requests = service.portal.sql(
        "SELECT route, method, status, is_error, request_id FROM request_record WHERE service = %s", service.name
    )
    assert [row[:4] for row in requests] == [("/orders/{id}", "GET", 500, True)]
    errors = service.portal.sql(
        "SELECT type, route, request_id, trace FROM error_record WHERE service = %s", service.name
    )
    [(kind, route, request_id, trace)] = errors
    assert (kind, route, request_id) == ("ZeroDivisionError", "/orders/{id}", requests[0][4])
    assert "in _fail" in trace


def _fail():
    return 1 / 0


@pytest.mark.parametrize("temporality", [None, DELTA], ids=["cumulative", "delta"])
def test_metrics_of_the_sdk(service, temporality):
    service.name += "-delta" if temporality else "-cumulative"
    exporter = service.exporter(1, "OTLPMetricExporter", "metrics", preferred_temporality=temporality)
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    exponential = View(instrument_name="size", aggregation=ExponentialBucketHistogramAggregation())
    provider = MeterProvider([reader], resource=service.resource, views=[exponential])
    meter = provider.get_meter("shop")
    orders, latency, size = (
        meter.create_counter("orders"),
        meter.create_histogram("latency", "ms"),
        meter.create_histogram("size"),
    )
    depth, active = meter.create_gauge("depth"), meter.create_up_down_counter("active")
    for round_of in (1, 2, 3):
        orders.add(round_of, {"plan": "pro"})
        orders.add(10)
        active.add(2)
        depth.set(round_of)
        for value in (0.5, 7.25 * round_of, 900.0):
            latency.record(value)
            size.record(value)
        assert provider.force_flush()
    provider.shutdown()
    told = service.portal.sql(
        "SELECT s.name, s.kind, s.labels->>'plan', sum(p.value::numeric * p.count), sum(p.count), max(p.value)"
        " FROM metric_point p JOIN metric_series s ON s.id = p.series_id WHERE s.service = %s GROUP BY s.id", service.name,
    )  # fmt: skip
    found = {
        (name, plan): (kind, float(total), int(count), highest) for name, kind, plan, total, count, highest in told
    }
    assert found["orders", "pro"][:2] == ("counter", 6.0)
    assert found["orders", None][:2] == ("counter", 30.0)
    for name in ("latency", "size"):
        kind, total, count, _ = found[name, None]
        assert (kind, count) == ("histogram", 9)
        assert total == pytest.approx(3 * 900.5 + 7.25 * 6)
    assert (found["depth", None][0], found["depth", None][3]) == ("gauge", 3.0)
    assert (found["active", None][0], found["active", None][3]) == ("gauge", 6.0)


def test_logs_of_the_sdk(service):
    provider = LoggerProvider(resource=service.resource)
    provider.add_log_record_processor(BatchLogRecordProcessor(service.exporter(2, "OTLPLogExporter", "logs")))
    logger = logging.getLogger(f"test.{service.name}")
    logger.addHandler(LoggingHandler(logger_provider=provider))
    logger.setLevel(logging.INFO)
    service.portal.sql("DELETE FROM error_record")
    logger.info("fine")
    logger.error("stock is short")
    try:
        _fail()
    except ZeroDivisionError:
        logger.exception("could not add")
    assert provider.force_flush()
    provider.shutdown()
    rows = service.portal.sql(
        "SELECT type, message FROM error_record WHERE service = %s ORDER BY at, type", service.name
    )
    assert rows == [("ERROR log", "stock is short"), ("ZeroDivisionError", "division by zero")]
