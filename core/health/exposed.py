"""What this process counts of itself, for Prometheus to fetch."""

from prometheus_client import CollectorRegistry

REGISTRY = CollectorRegistry()
