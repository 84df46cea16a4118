"""Percentiles out of the sketches of a rollup, merged over any columns in one query."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, case, cast, func, literal, select, tuple_, union_all

from core.kernel.models import Base
from core.kernel.sketch import value_sql

WHOLE = "all"
QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
Sets = Sequence[tuple[str, ...]]
Part = tuple[type[Base], Sequence[ColumnElement[bool]]]


def percentiles(model: type[Base], where: Sequence[ColumnElement[bool]], *, sets: Sets = ((),)) -> Select[Any]:
    """p50, p95, p99 of each set of columns; a set without columns is the whole.

    `of` says which set a row is of: its first column, or `all`; the columns of the other sets are NULL there. No sketch, no
    row.
    """
    table, by = model.__table__.c, columns(sets)
    # Side by side in the select list, which costs half of what a join with unnest() does.
    pairs = (func.unnest(table.sketch_keys).label("key"), func.unnest(table.sketch_counts).label("count"))
    held = select(*(table[name] for name in by), *pairs).where(*where).subquery().c
    if set(by) in [set(one) for one in sets] and len(sets) > 1:
        # Every set is out of the finest one: what is left of the sketches once that is merged is little.
        finest = [held[name] for name in (*by, "key")]
        held = select(*finest, func.sum(held["count"]).label("count")).group_by(*finest).subquery().c
    return _ranked(held, sets)


def _ranked(held: Any, sets: Sets) -> Select[Any]:
    """Keys and counts of sketches, merged by each set and read at each share."""
    by = columns(sets)
    merged = (
        select(which(held, sets), *(held[name] for name in by), held.key, func.sum(held["count"]).label("count"))
        .group_by(func.grouping_sets(*(tuple_(*(held[name] for name in one), held.key) for one in sets)))
        .subquery()
    )
    keys = [merged.c[name] for name in ("of", *by)]
    below = func.sum(merged.c.count).over(partition_by=keys, order_by=merged.c.key)
    whole = func.sum(merged.c.count).over(partition_by=keys)
    ranked = select(*keys, merged.c.key, below.label("below"), whole.label("whole")).subquery()
    figures = [
        value_sql(cast(func.min(ranked.c.key).filter(ranked.c.below >= share * ranked.c.whole), Float)).label(name)
        for name, share in QUANTILES.items()
    ]
    named = [ranked.c[name] for name in ("of", *by)]
    return select(*named, *figures).group_by(*named)


def of_all(parts: Sequence[Part]) -> Select[Any]:
    """p50, p95, p99 of the whole of several tables, each with its conditions: full days from the days, the rest from hours."""
    sketches = [
        select(
            func.unnest(model.__table__.c.sketch_keys).label("key"), func.unnest(model.__table__.c.sketch_counts).label("count")
        ).where(*where)
        for model, where in parts
    ]  # fmt: skip
    return _ranked(union_all(*sketches).subquery().c, [()])


def columns(sets: Sets) -> tuple[str, ...]:
    """The columns of all sets, each once, in order."""
    return tuple(dict.fromkeys(name for one in sets for name in one))


def which(source: Any, sets: Sets) -> ColumnElement[str]:
    """Which of the sets a row belongs to: the name of its first column, or `all`."""
    named = [(func.grouping(source[one[0]]) == 0, one[0]) for one in sets if one]
    return (case(*named, else_=WHOLE) if named else literal(WHOLE)).label("of")
