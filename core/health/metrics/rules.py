"""What a metric point may be, and what makes two points of one series."""

import math
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

import orjson

from core.health.metrics.models import KINDS

MAX_NAME, MAX_UNIT, MAX_SERVICE = 200, 40, 100
MAX_LABELS, MAX_LABEL_NAME, MAX_LABEL_VALUE = 20, 100, 200
# A tenant's service with more series than this labels by what should be a log line (ids, addresses, texts).
MAX_SERIES = 10_000
# What the rollups hold: a sketch counts in 32 bits.
MAX_COUNT = 2**31 - 1
LARGEST = 1e300
_SERIES = UUID("5e0bd4b3-5c1c-4f0e-9c62-6b0e3c1ab871")


def identity(name: str, kind: str, unit: str, service: str, tenant_id: UUID | None, labels: Mapping[str, str]) -> UUID:
    """The id of the series: the same for the same words, whoever sends them and in whatever order the labels are."""
    told = [name, kind, unit, service, str(tenant_id or ""), labels]
    return uuid5(_SERIES, orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode())


def problem_of(point: Mapping[str, Any]) -> str | None:
    """Why the point cannot be stored, in one sentence; None when it can. Its fields are those of `recording.store`.

    Does not look at its time.
    """
    return (
        _of_words(point)
        or _of_labels(point.get("labels") or {})
        or number_problem(point["kind"], point["value"], point.get("count", 1))
    )


def _of_words(point: Mapping[str, Any]) -> str | None:
    if not point["name"].strip():
        return "A metric needs a name."
    if point["kind"] not in KINDS:
        return f"The kind must be {', '.join(KINDS[:-1])} or {KINDS[-1]}."
    for field, limit in (("name", MAX_NAME), ("unit", MAX_UNIT), ("service", MAX_SERVICE)):
        if problem := _of_text(f"The {field}", point.get(field) or "", limit):
            return problem
    return None


def _of_text(what: str, value: str, limit: int) -> str | None:
    if len(value) > limit:
        return f"{what} has {len(value):,} characters; at most {limit} are kept. Shorten it."
    return f"{what} holds a character that cannot be stored." if not is_storable(value) else None


def is_storable(value: str) -> bool:
    """PostgreSQL's text takes neither NUL nor lone surrogates."""
    return "\0" not in value and (value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value))


def _of_labels(labels: Mapping[str, str]) -> str | None:
    if len(labels) > MAX_LABELS:
        return f"The metric has {len(labels)} labels; at most {MAX_LABELS} are kept. Send fewer."
    for name, value in labels.items():
        problem = _of_text("The name of a label", name, MAX_LABEL_NAME)
        problem = problem or _of_text(f"The label {name}", value, MAX_LABEL_VALUE)
        if problem or not name:
            return problem or "A label needs a name."
    return None


def number_problem(kind: str, value: float, count: int) -> str | None:
    """Why a value of a series of that kind, seen so often, cannot be stored; None when it can."""
    if not math.isfinite(value) or abs(value) > LARGEST:
        return "The value must be a number: neither NaN nor infinite, and within ±1e300."
    if kind == "counter" and value < 0:
        return "A counter only grows: send how much was added, which is not below 0."
    if not 1 <= count <= MAX_COUNT:
        return f"The count must be from 1 to {MAX_COUNT:,}."
    return "Only a histogram counts a value more than once." if count > 1 and kind != "histogram" else None
