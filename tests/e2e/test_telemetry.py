"""An instrumented service reports, and people see it within seconds: its requests, its figures, its exception."""

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Portal, sign_in, signed_in

SERVICE, ROUTE = "parcel-desk", "/parcels/{id}"
SEEN_WITHIN_S = 15
_KEY = (
    "import core.permissions; from core.kernel.actor import Actor; from core.platform.keys import actions;"
    "made = actions.create(Actor.system('test'), name='Sample', tenant_id=None, scopes=['telemetry:create']);"
    "print(made.key)"
)


class OutOfStamps(Exception):
    """What the sample's handler dies of."""


def _export(portal: Portal) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KEY], env=portal.environment, check=True, capture_output=True, text=True
    )
    headers = {"Authorization": f"Bearer {done.stdout.split()[-1]}"}
    resource, base = Resource.create({"service.name": SERVICE}), f"{portal.base}/api/otlp/v1"
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{base}/traces", headers=headers)))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"{base}/metrics", headers=headers))
    meters = MeterProvider(resource=resource, metric_readers=[reader])
    meters.get_meter("sample").create_gauge("parcels_waiting", unit="{parcel}").set(17)
    for status in (200, 200, 500):
        _handle(tracers.get_tracer("sample"), status)
    tracers.shutdown()
    meters.shutdown()


def _handle(tracer: Any, status: int) -> None:
    about = {"http.request.method": "GET", "http.route": ROUTE, "http.response.status_code": status}
    with tracer.start_as_current_span("GET", kind=SpanKind.SERVER, attributes=about) as span:
        if status == 500:
            try:
                raise OutOfStamps("no stamps left for zone 4")
            except OutOfStamps as error:
                span.record_exception(error)


def _appears(page: Page, portal: Portal, path: str, find: Callable[[], Any]) -> None:
    """Opens the page again and again, as somebody who waits for it would."""
    end = time.monotonic() + 3 * SEEN_WITHIN_S
    while True:
        page.goto(portal.base + path)
        try:
            expect(find()).to_be_attached(timeout=4_000)
        except AssertionError:
            assert time.monotonic() < end, f"{path} does not show it"
        else:
            return


@pytest.mark.timeout(240)
def test_what_a_service_reports_is_on_the_pages(portal: Portal, new_page) -> None:
    page = new_page()
    sign_in(page, portal, "developer")
    signed_in(page)
    with portal.process("jobs"):
        time.sleep(5)
        _export(portal)
        stored = time.monotonic()
        counted = "SELECT total FROM route_rollup_minute WHERE service = %s AND route = %s AND status = 500"
        while not portal.sql(counted, SERVICE, ROUTE):
            assert time.monotonic() < stored + SEEN_WITHIN_S, "not counted in time"
            time.sleep(0.5)
        body = page.locator("body")
        _appears(page, portal, f"/requests?service={SERVICE}&range=1h", lambda: body.get_by_text("33.3").first)
        _appears(page, portal, "/errors?range=1h", lambda: body.get_by_text("OutOfStamps").first)
        _appears(page, portal, "/metrics?name=parcels_waiting", lambda: body.get_by_text("parcels_waiting").first)
