"""The rollup engine: minute, hour and day tables of counts, sums, extremes and a mergeable sketch, out of event rows.

A pass takes each row that was committed since the last one, once, and adds it to the buckets it belongs to, in the one
transaction that also moves the watermark: so rows may be late, a pass that dies leaves nothing behind, and its cost is that
of the new rows, however much is in their hour or day. Rows of transactions in flight are left to the pass after their end:
the source carries the writing transaction (`xid`), and a pass goes up to the oldest that still runs. The rows of a source
never change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, Numeric, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.models import Base, TransactionId
from core.kernel.partitions import Every
from core.kernel.rollup_statements import adding, from_rows, from_sums
from core.kernel.telemetry import Recording, record

Grain = Literal["minute", "hour", "day"]
GRAINS: tuple[Grain, ...] = ("minute", "hour", "day")
PARTITIONED: dict[Grain, Every | None] = {"minute": "day", "hour": "month", "day": None}
AT_ONCE = 200_000  # rows that a transaction of a pass adds
KEPT_DAYS: dict[Grain, int] = {"minute": 30, "hour": 400}  # days are kept


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
    A sum is of the column of its name, or of its SQL expression in `terms`; `weight` is SQL for how many observations a row
    counts in the sketch.
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
    weight: str = "1"
    terms: Mapping[str, str] = field(default_factory=dict)
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
    def measures(self) -> list[str]:
        """All columns that are neither bucket nor dimension."""
        arrays = ["sketch_keys", "sketch_counts"] if self.sketch else []
        return [*self.added, *(name for name, _ in self.extremes), *arrays]

    def term(self, column: str) -> str:
        """SQL of what a sum adds up."""
        return self.terms.get(column, f"source.{column}")

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


def grain_for(since: datetime, until: datetime) -> Grain:
    """The grain that shows a length of time in some 60 to 360 buckets."""
    length = until - since
    if length <= timedelta(hours=6):
        return "minute"
    return "hour" if length <= timedelta(days=14) else "day"


def start_of(moment: datetime, grain: Grain) -> datetime:
    """The beginning of the bucket (UTC) that a moment is in."""
    begun = moment.astimezone(UTC).replace(second=0, microsecond=0)
    if grain == "minute":
        return begun
    return begun.replace(minute=0) if grain == "hour" else begun.replace(hour=0, minute=0)


def roll(rollup: Rollup, *, at_once: int = AT_ONCE) -> int:
    """Adds what is new: returns how many rows; 0 when there was nothing new or another pass is at it.

    What has piled up is added in transactions of about `at_once` rows. Raises Unavailable.
    """
    added, is_behind = 0, True
    while is_behind:
        with record(Actor.system("rollups"), timeout_ms=120_000) as tx:
            since = _claim(tx, rollup.name)
            if since is None:
                return added
            until, is_behind = _until(tx, rollup, since, at_once)
            added += _add(tx, rollup, since, until)
            tx.session.execute(_MOVE, {"xid": until, "name": rollup.name})
    return added


_MOVE = text("UPDATE rollup_watermark SET xid = CAST(:xid AS xid8), moved_at = now() WHERE rollup = :name")


def _until(tx: Recording, rollup: Rollup, since: str, at_once: int) -> tuple[str, bool]:
    """The transaction to stop before, and whether there is more: none in flight is passed, and none is taken in part."""
    horizon = tx.session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")) or since
    beyond = text(
        f"SELECT xid::text FROM {rollup.source.__tablename__} WHERE xid >= CAST(:since AS xid8)"
        " AND xid < CAST(:until AS xid8) ORDER BY xid OFFSET :most LIMIT 1"
    )
    found = tx.session.scalar(beyond, {"since": since, "until": horizon, "most": at_once})
    return (str(max(int(found), int(since) + 1)), True) if found else (horizon, False)


def _claim(tx: Recording, name: str) -> str | None:
    """Where to begin, with the watermark locked; None when another pass has the lock."""
    tx.execute(insert(RollupWatermark).values(rollup=name).on_conflict_do_nothing())
    lock = text("SELECT xid::text FROM rollup_watermark WHERE rollup = :name FOR UPDATE SKIP LOCKED")
    found: str | None = tx.session.scalar(lock, {"name": name})
    return found


def _add(tx: Recording, rollup: Rollup, since: str, until: str) -> int:
    new = f"source.xid >= CAST(:since AS xid8) AND source.xid < CAST(:until AS xid8) AND ({rollup.where})"
    values = {"since": since, "until": until}
    source = f"{rollup.source.__tablename__} AS source WHERE {new}"
    days = text(f"SELECT DISTINCT date_trunc('day', source.{rollup.time}, 'UTC') FROM {source}")
    found = tx.session.scalars(days, values).all()
    if not found:
        return 0
    make_ready(tx, rollup, found)
    return int(tx.session.scalar(text(adding(rollup, from_rows(rollup, source), GRAINS)), values) or 0)


def make_ready(tx: Recording, rollup: Rollup, days: Iterable[datetime], grains: Sequence[Grain] = GRAINS) -> None:
    """Makes the partitions that hold these days, and none between them."""
    listed = sorted(days)
    for grain in grains:
        every = PARTITIONED[grain]
        wanted = {(day.year, day.month, day.day if every == "day" else 1): day for day in listed}
        for day in wanted.values():
            retention.make_ready(tx, f"{rollup.name}_{grain}", every, day, day)


def fill(tx: Recording, rollup: Rollup, grain: Grain, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds sums that exist already (demo data, say) to a grain and to the coarser ones.

    A row has bucket, dimensions and measures; what else it has does not matter.
    """
    grains = GRAINS[GRAINS.index(grain) :]
    make_ready(tx, rollup, {start_of(row["bucket"], "day") for row in rows}, grains)
    names = ["bucket", *(one.name for one in rollup.dimensions), *rollup.measures]
    listed = ([row[name] for name in names] for row in rows)
    with tx.staged(rollup.model(grain), names, listed) as stage:
        tx.session.execute(text(adding(rollup, from_sums(rollup, stage), grains)))
