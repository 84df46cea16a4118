"""Eight series of the Numenta Anomaly Benchmark: two weeks of 5 minutes each, with the windows in which something was wrong."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson
import pandas as pd

FOLDER = Path(os.environ.get("NAB_FOLDER", "../shared/data/nab"))
STEP = timedelta(minutes=5)
PROBATION = 0.15  # NAB's own: what a detector may learn from before it is scored


@dataclass(frozen=True)
class Series:
    """`values` by time at even steps, a gap NaN; `windows` are pairs of first and last moment."""

    name: str
    values: "pd.Series[float]"
    windows: list[tuple[pd.Timestamp, pd.Timestamp]]

    @property
    def learnt(self) -> int:
        """How many values are for learning only."""
        return int(PROBATION * len(self.values))

    @property
    def weeks(self) -> float:
        """The scored time outside of the windows."""
        scored = self.values.index[-1] - self.values.index[self.learnt]
        return float((scored - sum((end - begin for begin, end in self.windows), pd.Timedelta(0))) / pd.Timedelta("7D"))


def load() -> list[Series]:
    """All of them; none where the data are not there."""
    if not (FOLDER / "windows.json").is_file():
        return []
    windows = orjson.loads((FOLDER / "windows.json").read_bytes())
    return [_one(name, pairs) for name, pairs in windows.items()]


def _one(name: str, pairs: list[tuple[str, str]]) -> Series:
    read = pd.read_csv(FOLDER / "data" / name, parse_dates=["timestamp"])
    at = read["timestamp"].dt.tz_localize("UTC").dt.floor(pd.Timedelta(STEP))
    values = read["value"].groupby(at).mean().asfreq(pd.Timedelta(STEP))
    moments = [(pd.Timestamp(begin, tz="UTC").floor("5min"), pd.Timestamp(end, tz="UTC")) for begin, end in pairs]
    return Series(name.removesuffix(".csv"), values, moments)
