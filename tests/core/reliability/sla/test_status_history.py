"""A provider's published windows of downtime, replayed: minutes and credits equal to what is reckoned without the portal.

status_history.csv has the windows that GitHub published on githubstatus.com for May and June 2022 (facts, no licence needed);
the whole of them lies beside the repository. Maintenance and windows of no impact overlap others, and do not count as down.
"""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.reliability.sla import crediting
from tests.core.reliability.sla import crediting as given

EXCERPT = Path(__file__).with_name("status_history.csv")
WHOLE = Path(__file__).parents[5] / "shared/data/status_history/github_downtime_windows_2022_q2_q3.csv"
DOWN = {"minor", "major", "critical"}
FEE = Decimal(10_000)


def _windows(path: Path) -> list[tuple[datetime, datetime, str]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    moments = [
        (datetime.fromisoformat(row["downtime_start"]), datetime.fromisoformat(row["downtime_end"])) for row in rows
    ]
    return [(*pair, row["impact"]) for pair, row in zip(moments, rows, strict=True)]


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _replay(raw, contract_id, windows) -> None:
    """A monitor that was down in these windows, and the maintenance, which lies across some of them."""
    for since, until, impact in windows:
        if impact == "maintenance":
            given.maintain(raw, _text(since), _text(until))
    outages = sorted((since, until) for since, until, impact in windows if impact in DOWN)
    assert all(before < after for (_, before), (after, _) in pairwise(outages))
    given.monitor(contract_id, raw, *((_text(since), _text(until)) for since, until in outages))


def _reckoned(windows, begin: datetime, end: datetime) -> tuple[int, int, int]:
    """Observed, bad and maintenance minutes, minute by minute."""
    count = int((end - begin).total_seconds()) // 60
    down, away = np.zeros(count, bool), np.zeros(count, bool)
    for since, until, impact in windows:
        first, last = (int((moment - begin).total_seconds() // 60) for moment in (since, until))
        if last > 0 and impact in DOWN | {"maintenance"}:
            (away if impact == "maintenance" else down)[max(first, 0) : last] = True
    return int((~away).sum()), int((down & ~away).sum()), int(away.sum())


def _owed(observed: int, bad: int) -> Decimal:
    """By cross-multiplication: under 99.95 % means 10,000 × good < 9,995 × observed."""
    good = 10_000 * (observed - bad)
    percent = next(
        (percent for below, percent in ((9_500, 100), (9_900, 25), (9_995, 10)) if good < below * observed), 0
    )
    return (FEE * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _check(raw, system, path: Path, zone: str, months: list[date]) -> int:
    windows, place = _windows(path), ZoneInfo(zone)
    of = given.contract(raw, zone=zone, starts_on="2022-04-01")
    _replay(raw, of, windows)
    given.judge(f"{months[0]:%Y-%m}", zone=zone, months=len(months))
    given.judged_until(raw, datetime(2022, 12, 31, tzinfo=UTC))
    for month in months:
        following = (month + timedelta(days=31)).replace(day=1)
        begin, end = (datetime(one.year, one.month, 1, tzinfo=place).astimezone(UTC) for one in (month, following))
        crediting.compute(system, month=month)
        (row,) = raw("SELECT * FROM sla_credit WHERE month = :month", month=month)
        observed, bad, away = _reckoned(windows, begin, end)
        found = row.proof["minutes"]
        assert (found["observed"], found["bad"], found["maintenance"]) == (observed, bad, away), month
        assert row.uptime == (Decimal(100 * (observed - bad)) / observed).quantize(Decimal("1e-6"), "ROUND_FLOOR")
        assert row.amount == _owed(observed, bad)
    return int(raw("SELECT count(*) AS n FROM sla_credit WHERE amount > 0")[0].n)


def test_two_months_of_published_downtime_come_to_what_is_reckoned_minute_by_minute(db, raw, system):
    assert _check(raw, system, EXCERPT, "America/Los_Angeles", [date(2022, 5, 1), date(2022, 6, 1)]) == 2


@pytest.mark.skipif(not WHOLE.exists(), reason=f"{WHOLE} is not here")
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_half_a_year_of_published_downtime_comes_to_what_is_reckoned_minute_by_minute(db, raw, system, zone):
    months = [date(2022, month, 1) for month in range(4, 10)]
    assert _check(raw, system, WHOLE, zone, months) == 6
