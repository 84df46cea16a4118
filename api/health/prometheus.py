"""What the portal counts of itself, as Prometheus fetches it."""

from collections.abc import Iterator

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from api.conventions import PRODUCES, CurrentActor, area
from core.health.exposed import REGISTRY
from core.health.ingest.gate import GATE
from core.health.requests import recorder
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.permissions import require
from core.platform.queue import queries as queue

router = area("", "health", base="")
PLAIN = "text/plain"


class Portal(Collector):
    """What is looked up when somebody asks; without a database what is known without one."""

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "quarterdeck_requests_dropped", "Requests that could not be recorded", value=recorder.dropped()
        )
        yield GaugeMetricFamily(
            "quarterdeck_ingest_batches_in_hand", "Batches being read or stored", value=GATE.in_hand
        )
        yield from _queue()

    def describe(self) -> Iterator[Metric]:
        """Nothing: a registry that asks at its start must not ask the database."""
        yield from ()


def _queue() -> Iterator[Metric]:
    try:
        depth = queue.depth(Actor.system("metrics"))
    except ExpectedError:
        yield GaugeMetricFamily("quarterdeck_database_up", "Whether the database answers", value=0)
        return
    yield GaugeMetricFamily("quarterdeck_database_up", "Whether the database answers", value=1)
    yield GaugeMetricFamily("quarterdeck_jobs_waiting", "Jobs that are due and not begun", value=depth.waiting)
    yield GaugeMetricFamily("quarterdeck_jobs_running", "Jobs that are being worked on", value=depth.running)
    oldest = depth.oldest.total_seconds() if depth.oldest else 0
    yield GaugeMetricFamily("quarterdeck_jobs_oldest_wait_seconds", "How long the oldest job waits", value=oldest)


REGISTRY.register(Portal())
for _collector in (ProcessCollector, PlatformCollector, GCCollector):
    _collector(registry=REGISTRY)


@router.get("/metrics", response_class=Response, openapi_extra={PRODUCES: PLAIN})
def get_metrics(actor: CurrentActor) -> Response:
    """The counters of this web process and the queue's depth, in the text format of Prometheus."""
    require(actor, "health:read")
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
