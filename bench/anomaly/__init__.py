"""Anomaly detection on real series with labelled anomalies, against a fixed threshold under the same alarm policy."""

from bench.anomaly import comparison
from bench.report import Row


def run() -> list[Row]:
    return comparison.rows()
