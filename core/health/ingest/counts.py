"""What this process took in, for /api/metrics."""

from prometheus_client import Counter

from core.health.exposed import REGISTRY

ACCEPTED = Counter(
    "quarterdeck_ingest_rows_accepted", "Rows of telemetry that were stored", ["type"], registry=REGISTRY
)
REJECTED = Counter(
    "quarterdeck_ingest_rows_rejected", "Rows of telemetry that were refused", ["code"], registry=REGISTRY
)
BATCHES = Counter(
    "quarterdeck_ingest_batches", "Batches by outcome: stored, repeated, busy (429)", ["outcome"], registry=REGISTRY
)
