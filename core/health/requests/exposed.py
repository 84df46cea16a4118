"""Requests of this process, counted for Prometheus."""

from prometheus_client import Counter, Histogram

from core.health.exposed import REGISTRY

# Pages run in some 10 to 300 ms, calls in 1 to 50; ten seconds is a timeout.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"PAGE", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter(
    "quarterdeck_requests", "Page runs and calls", ["channel", "route", "method", "status"], registry=REGISTRY
)
DURATIONS = Histogram(
    "quarterdeck_request_duration_seconds", "How long page runs and calls took", ["channel", "route"], registry=REGISTRY,
    buckets=BUCKETS,
)  # fmt: skip


def observe(*, channel: str, route: str, method: str, status: int, duration_ms: float) -> None:
    """Counts one. Paths of the web are whatever anybody calls, and so not told apart."""
    named, verb = "" if channel == "web" else route, method if method in METHODS else "OTHER"
    REQUESTS.labels(channel, named, verb, str(status)).inc()
    DURATIONS.labels(channel, named).observe(duration_ms / 1000)
