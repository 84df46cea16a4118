"""The statements of the rollup engine: what is new summed up, and added to the buckets of each grain."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.kernel import sketch

if TYPE_CHECKING:
    from core.kernel.rollups import Rollup


def adding(rollup: "Rollup", rolled: str, grains: Sequence[str]) -> str:
    """One statement that adds the rows of the query `rolled` to each grain, and returns how many rows these stand for."""
    parts = [f"to_{grain} AS ({_merge(rollup, grain)})" for grain in grains]
    return f"WITH rolled AS MATERIALIZED ({rolled}), {', '.join(parts)} SELECT sum(total) FROM rolled"


def _groups(rollup: "Rollup") -> str:
    """Bucket, dimensions and sketch key, by their places."""
    return ", ".join(str(place) for place in range(1, len(rollup.dimensions) + 3))


def from_rows(rollup: "Rollup", source: str) -> str:
    """One row per minute, dimensions and sketch key."""
    key = sketch.key_sql(f"source.{rollup.sketch}") if rollup.sketch else "NULL::smallint"
    columns = [f"{one.expression or f'source.{one.name}'} AS {one.name}" for one in rollup.dimensions]
    columns += [f"{key} AS key", f"sum({rollup.weight})::bigint AS count", "count(*) AS total"]
    columns += [f"count(*) FILTER (WHERE {condition}) AS {name}" for name, condition in rollup.counts.items()]
    columns += [f"coalesce(sum(({rollup.term(one)})::numeric), 0) AS {one}_sum" for one in rollup.sums]
    columns += [f"{function}(source.{name[:-4]}) AS {name}" for name, function in rollup.extremes]
    minute = f"date_trunc('minute', source.{rollup.time}, 'UTC') AS bucket"
    return f"SELECT {minute}, {', '.join(columns)} FROM {source} GROUP BY {_groups(rollup)}"


def from_sums(rollup: "Rollup", table: str) -> str:
    """The same out of buckets; what is not of the sketch counts with the first of a bucket's keys only."""
    names = [f"source.{one.name}" for one in rollup.dimensions]
    once = "coalesce(place, 1) = 1"
    added = [f"CASE WHEN {once} THEN source.{name} ELSE 0 END AS {name}" for name in rollup.added]
    extremes = [f"source.{name}" for name, _ in rollup.extremes]
    keys = ["held.key", "held.count"] if rollup.sketch else ["NULL::smallint AS key", "0 AS count"]
    unnested = (
        " LEFT JOIN LATERAL unnest(source.sketch_keys, source.sketch_counts) WITH ORDINALITY AS held (key, count, place)"
        " ON true"
    )
    selected = ", ".join(["source.bucket", *names, *keys, *added, *extremes])
    return f"SELECT {selected} FROM {table} AS source{unnested if rollup.sketch else ', (VALUES (1)) AS held (place)'}"


def _merge(rollup: "Rollup", grain: str) -> str:
    """INSERT ... ON CONFLICT: grouped by dimensions and sketch key, then by dimensions, which puts the keys into arrays."""
    names = [one.name for one in rollup.dimensions]
    keys = ", ".join(["bucket", *names])
    inner = (
        f"SELECT {', '.join([_bucket(grain), *names, 'key', 'sum(count) AS count'])}, {_folded(rollup)} FROM rolled"
        f" GROUP BY {_groups(rollup)}"
    )
    arrays = [
        f"coalesce(array_agg({name}::{kind} ORDER BY key) FILTER (WHERE key IS NOT NULL), '{{}}') AS sketch_{name}s"
        for name, kind in ((("key", "smallint"), ("count", "integer")) if rollup.sketch else ())
    ]
    return (
        f"INSERT INTO {rollup.name}_{grain} AS held ({', '.join([keys, *rollup.measures])})"
        f" SELECT {', '.join([keys, _folded(rollup), *arrays])} FROM ({inner}) AS folded GROUP BY {keys}"
        f" ON CONFLICT ({keys}) DO UPDATE SET {', '.join(_sums_with_held(rollup))}"
    )


def _bucket(grain: str) -> str:
    return "bucket" if grain == "minute" else f"date_trunc('{grain}', bucket, 'UTC') AS bucket"


def _folded(rollup: "Rollup") -> str:
    totals = [f"sum({name}) AS {name}" for name in rollup.added]
    return ", ".join(totals + [f"{function}({name}) AS {name}" for name, function in rollup.extremes])


def _sums_with_held(rollup: "Rollup") -> list[str]:
    """What a bucket becomes: sums and counts added, the wider of the extremes (NULL yields), the sketches merged."""
    wider = {"max": "greatest", "min": "least"}
    made = [f"{name} = held.{name} + excluded.{name}" for name in rollup.added]
    made += [f"{name} = {wider[function]}(held.{name}, excluded.{name})" for name, function in rollup.extremes]
    return [*made, _MERGED_SKETCH] if rollup.sketch else made


_MERGED_SKETCH = (
    "(sketch_keys, sketch_counts) = (SELECT coalesce(array_agg(key ORDER BY key), '{}'),"
    " coalesce(array_agg(count ORDER BY key), '{}') FROM (SELECT key, sum(count)::integer AS count FROM"
    " unnest(held.sketch_keys || excluded.sketch_keys, held.sketch_counts || excluded.sketch_counts) AS two (key, count)"
    " GROUP BY key) AS merged)"
)
