"""The rollup engine: minute, hour and day tables of counts, sums, extremes and a mergeable sketch, out of event rows.

A pass takes what was committed since the last one, finds the minutes these rows belong to, and makes those minutes anew
from all their rows; then the hours from their minutes, and the days from their hours. So it may be repeated, rows may be
late, and after a crash the next pass does all of it. Rows of transactions in flight are left to the pass after their end:
the source carries the writing transaction (`xid`), and a pass goes up to the oldest that still runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, Numeric, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from core.kernel import retention, sketch
from core.kernel.actor import Actor
from core.kernel.models import Base, TransactionId
from core.kernel.partitions import Every
from core.kernel.telemetry import Recording, record

Grain = Literal["minute", "hour", "day"]
GRAINS: tuple[Grain, ...] = ("minute", "hour", "day")
PARTITIONED: dict[Grain, Every | None] = {"minute": "day", "hour": "month", "day": None}
KEPT_DAYS: dict[Grain, int] = {"minute": 30, "hour": 400}  # days are kept
WIDTH = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class RollupWatermark(Base):
    """How far a rollup has come: every row of a transaction before `xid` is in it."""

    __tablename__ = "rollup_watermark"
    __resource__ = "health"
    __observation__ = True

    rollup: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("'0'::xid8"))
    moved_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


@dataclass(frozen=True, slots=True)
class Dimension:
    """What rows are told apart by; `expression` is SQL over the source where it is not the column of that name."""

    name: str
    type: TypeEngine[Any]
    expression: str = ""


@dataclass(frozen=True)
class Rollup:
    """One rollup. The source needs columns `xid` (indexed) and `time` (indexed, its partition key).

    The tables `<name>_minute`, `_hour`, `_day` have: bucket (its start, UTC), the dimensions, total (rows), `<column>_sum`
    (exact), `<column>_max`, `<column>_min`, one count per entry of `counts` (name -> SQL condition), and with a `sketch`
    its keys and counts. A bucket without rows has no row. `where` is the SQL condition on `source` of what counts at all.
    """

    name: str
    source: type[Base]
    time: str
    resource: str
    dimensions: tuple[Dimension, ...] = ()
    sums: tuple[str, ...] = ()
    maxima: tuple[str, ...] = ()
    minima: tuple[str, ...] = ()
    counts: Mapping[str, str] = field(default_factory=dict)
    sketch: str | None = None
    where: str = "true"
    kept_days: Mapping[Grain, int] = field(default_factory=lambda: KEPT_DAYS)
    minute: type[Base] = field(init=False)
    hour: type[Base] = field(init=False)
    day: type[Base] = field(init=False)

    def __post_init__(self) -> None:
        for grain in GRAINS:
            object.__setattr__(self, grain, self._model(grain))
        for grain, days in self.kept_days.items():
            retention.keep(f"{self.name}_{grain}", PARTITIONED[grain] or "month", days)
        _rollups[self.name] = self

    def model(self, grain: Grain) -> type[Base]:
        """The table of a grain."""
        made: type[Base] = getattr(self, grain)
        return made

    @property
    def added(self) -> list[str]:
        """The columns that add up over buckets."""
        return ["total", *self.counts, *(f"{column}_sum" for column in self.sums)]

    @property
    def extremes(self) -> list[tuple[str, str]]:
        """Pairs of column and SQL function."""
        return [(f"{one}_max", "max") for one in self.maxima] + [(f"{one}_min", "min") for one in self.minima]

    def _model(self, grain: Grain) -> type[Base]:
        table = f"{self.name}_{grain}"
        keys = {"bucket": Column(DateTime(timezone=True), nullable=False)} | {
            one.name: Column(one.type, nullable=True) for one in self.dimensions
        }
        index = Index(f"uq_{table}_bucket", *keys, unique=True, postgresql_nulls_not_distinct=True)
        options = {"postgresql_partition_by": "RANGE (bucket)"} if PARTITIONED[grain] else {}
        about = {"__tablename__": table, "__resource__": self.resource, "__observation__": True}
        shape = {"__table_args__": (index, options), "__mapper_args__": {"primary_key": list(keys.values())}}
        title = "".join(word.capitalize() for word in table.split("_"))
        return type(title, (Base,), {**about, **shape, "__doc__": self.__doc__, **keys, **self._measures()})

    def _measures(self) -> dict[str, Column[Any]]:
        source = self.source.__table__.c
        made: dict[str, Column[Any]] = {name: Column(BigInteger, nullable=False) for name in ("total", *self.counts)}
        made |= {f"{one}_sum": Column(Numeric, nullable=False) for one in self.sums}
        made |= {name: Column(source[name[:-4]].type, nullable=True) for name, _ in self.extremes}
        if self.sketch:
            made["sketch_keys"] = Column(ARRAY(SmallInteger), nullable=False)
            made["sketch_counts"] = Column(ARRAY(Integer), nullable=False)
        return made


_rollups: dict[str, Rollup] = {}


def rollups() -> list[Rollup]:
    """All that have been imported."""
    return list(_rollups.values())


def roll(rollup: Rollup) -> int:
    """One pass: returns how many minutes were made anew; 0 when there was nothing new or another pass is at it.

    Raises Unavailable.
    """
    with record(Actor.system("rollups"), timeout_ms=120_000) as tx:
        since = _claim(tx, rollup.name)
        if since is None:
            return 0
        until = tx.session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text"))
        touched = _touched(tx, rollup, since, until)
        if touched:
            remake(tx, rollup, touched)
        move = text("UPDATE rollup_watermark SET xid = CAST(:xid AS xid8), moved_at = now() WHERE rollup = :name")
        tx.session.execute(move, {"xid": until, "name": rollup.name})
    return len(touched)


def _claim(tx: Recording, name: str) -> str | None:
    """Where to begin, with the watermark locked; None when another pass has the lock."""
    tx.execute(insert(RollupWatermark).values(rollup=name).on_conflict_do_nothing())
    lock = text("SELECT xid::text FROM rollup_watermark WHERE rollup = :name FOR UPDATE SKIP LOCKED")
    found: str | None = tx.session.scalar(lock, {"name": name})
    return found


def _touched(tx: Recording, rollup: Rollup, since: str, until: str | None) -> list[datetime]:
    statement = text(
        f"SELECT DISTINCT date_trunc('minute', {rollup.time}, 'UTC') FROM {rollup.source.__tablename__} AS source"
        f" WHERE xid >= CAST(:since AS xid8) AND xid < CAST(:until AS xid8) AND ({rollup.where})"
    )
    return list(tx.session.scalars(statement, {"since": since, "until": until}))


def remake(tx: Recording, rollup: Rollup, buckets: Iterable[datetime], *, grains: Sequence[Grain] = GRAINS) -> None:
    """Makes the buckets that hold these moments anew, each grain out of the finer one (the minutes out of the source)."""
    for grain in grains:
        buckets = sorted({_start(moment, grain) for moment in buckets})
        values = {"buckets": buckets, "first": buckets[0], "end": buckets[-1] + WIDTH[grain]}
        table = f"{rollup.name}_{grain}"
        retention.make_ready(tx, table, PARTITIONED[grain], buckets[0], buckets[-1])
        tx.session.execute(text(f"DELETE FROM {table} WHERE bucket = ANY(:buckets)"), {"buckets": buckets})
        tx.session.execute(text(_fold(rollup, grain)), values)


def _start(moment: datetime, grain: Grain) -> datetime:
    begun = moment.astimezone(UTC).replace(second=0, microsecond=0)  # the session's time zone is the server's choice
    if grain == "minute":
        return begun
    return begun.replace(minute=0) if grain == "hour" else begun.replace(hour=0, minute=0)


def _fold(rollup: Rollup, grain: Grain) -> str:
    """INSERT ... SELECT of the buckets of a grain, out of the source or the finer grain.

    Two steps: grouped by dimensions and sketch key, then by dimensions, which puts the keys into arrays.
    """
    inner = _from_source(rollup) if grain == "minute" else _from_finer(rollup, grain)
    names = [one.name for one in rollup.dimensions]
    totals = [f"sum({name}) AS {name}" for name in rollup.added]
    extremes = [f"{function}({name}) AS {name}" for name, function in rollup.extremes]
    arrays = [
        f"coalesce(array_agg({name}::{kind} ORDER BY key) FILTER (WHERE key IS NOT NULL), '{{}}') AS sketch_{name}s"
        for name, kind in ((("key", "smallint"), ("count", "integer")) if rollup.sketch else ())
    ]
    columns = ["bucket", *names, *rollup.added, *(name for name, _ in rollup.extremes)]
    columns += ["sketch_keys", "sketch_counts"] if rollup.sketch else []
    return (
        f"INSERT INTO {rollup.name}_{grain} ({', '.join(columns)})"
        f" SELECT {', '.join(['bucket', *names, *totals, *extremes, *arrays])} FROM ({inner}) AS folded"
        f" GROUP BY {', '.join(['bucket', *names])}"
    )


def _touching(table: str, time: str, width: Grain) -> str:
    return (
        f"{table} AS source JOIN unnest(CAST(:buckets AS timestamptz[])) AS touched (bucket)"
        f" ON source.{time} >= touched.bucket AND source.{time} < touched.bucket + interval '1 {width}'"
    )


def _from_source(rollup: Rollup) -> str:
    key = sketch.key_sql(f"source.{rollup.sketch}") if rollup.sketch else "NULL::smallint"
    columns = [f"{one.expression or f'source.{one.name}'} AS {one.name}" for one in rollup.dimensions]
    columns += [f"{key} AS key", "count(*) AS count", "count(*) AS total"]
    columns += [f"count(*) FILTER (WHERE {condition}) AS {name}" for name, condition in rollup.counts.items()]
    columns += [f"coalesce(sum(source.{one}::numeric), 0) AS {one}_sum" for one in rollup.sums]
    columns += [f"{function}(source.{name[:-4]}) AS {name}" for name, function in rollup.extremes]
    groups = ", ".join(str(place) for place in range(1, len(rollup.dimensions) + 3))
    return (
        f"SELECT touched.bucket, {', '.join(columns)}"
        f" FROM {_touching(rollup.source.__tablename__, rollup.time, 'minute')}"
        f" WHERE source.{rollup.time} >= :first AND source.{rollup.time} < :end AND ({rollup.where}) GROUP BY {groups}"
    )


def _from_finer(rollup: Rollup, grain: Grain) -> str:
    finer = f"{rollup.name}_{GRAINS[GRAINS.index(grain) - 1]}"
    columns = [f"source.{one.name}" for one in rollup.dimensions]
    once, keys = "", ""
    if rollup.sketch:
        # The arrays make several rows of one; what is not of the sketch counts with the first of them only.
        once = " FILTER (WHERE coalesce(place, 1) = 1)"
        keys = (
            " LEFT JOIN LATERAL unnest(source.sketch_keys, source.sketch_counts)"
            " WITH ORDINALITY AS held (key, count, place) ON true"
        )
        columns += ["held.key", "sum(held.count)::bigint AS count"]
    else:
        columns += ["NULL::smallint AS key", "0 AS count"]
    columns += [f"coalesce(sum(source.{name}){once}, 0) AS {name}" for name in rollup.added]
    columns += [f"{function}(source.{name}) AS {name}" for name, function in rollup.extremes]
    groups = ", ".join(str(place) for place in range(1, len(rollup.dimensions) + 3))
    return (
        f"SELECT touched.bucket, {', '.join(columns)} FROM {_touching(finer, 'bucket', grain)}{keys}"
        f" WHERE source.bucket >= :first AND source.bucket < :end GROUP BY {groups}"
    )
