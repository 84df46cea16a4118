"""What it costs to know whose API key came along."""

import time
from collections.abc import Callable

from sqlalchemy import insert, select

from bench.report import Row
from core.kernel import crypto, db
from core.kernel.models import uuid7
from core.kernel.times import utc_now
from core.platform.keys import format, verifying, watching
from core.platform.keys.models import ApiKey

KEYS, CHECKS, ROUNDS = 2_000, 200_000, 7
LIMIT_MS = 1.0
ADDRESS = "203.0.113.7"


def _make() -> list[str]:
    """As many keys as a large portal has in use, half of them bound to networks."""
    made = [format.new_key("iris", "live") for _ in range(KEYS)]
    now = utc_now()
    rows = [
        {
            "id": uuid7(), "name": f"Bench {place}", "prefix": "iris", "mode": "live", "secret_digest": crypto.digest(key),
            "hint": format.hint_of(key), "scopes": ["tenants:read", "users:read"], "rate_limit_per_minute": 600,
            "allowed_networks": ["198.51.100.0/24", "203.0.113.0/24"] if place % 2 else [], "created_by_name": "bench",
            "created_at": now, "updated_at": now, "version": 1,
        }
        for place, key in enumerate(made)
    ]  # fmt: skip
    with db.engine().begin() as connection:
        connection.execute(insert(ApiKey.__table__), rows)
    return made


def _p99(made: list[str]) -> float:
    """Milliseconds of the slowest of a hundred, while the keys are read again every two seconds."""
    taken = []
    watching.start()
    try:
        for turn in range(CHECKS):
            key = made[turn % KEYS]
            started = time.perf_counter_ns()
            verifying.verify(key, ADDRESS)
            taken.append(time.perf_counter_ns() - started)
            if turn % 20_000 == 0:
                time.sleep(0.5)  # so that several looks fall into the measured time
    finally:
        watching.stop()
    return sorted(taken)[int(len(taken) * 0.99)] / 1e6


def _by_select(key: str) -> None:
    """The obvious way: the digest is looked up at each call."""
    wanted = select(ApiKey).where(ApiKey.secret_digest == crypto.digest(key), ApiKey.revoked_at.is_(None))
    with db.engine().connect() as connection:
        assert connection.execute(wanted).first() is not None


def _per_second(check: Callable[[str], object], keys: list[str]) -> float:
    started = time.perf_counter()
    for key in keys:
        check(key)
    return len(keys) / (time.perf_counter() - started)


def run() -> list[Row]:
    """The 99th percentile of a warm check against its limit, and checks a second against one SELECT each."""
    made = _make()
    for key in made:
        verifying.verify(key, ADDRESS)
    for key in made[:100]:
        _by_select(key)
    p99 = _p99(made)
    rates: dict[str, list[float]] = {"ours": [], "select": []}
    for _ in range(ROUNDS):
        verifying.look()
        rates["ours"].append(_per_second(lambda key: verifying.verify(key, ADDRESS), made))
        rates["select"].append(_per_second(_by_select, made[:400]))
    ours, theirs = (sorted(rates[name])[ROUNDS // 2] for name in ("ours", "select"))
    return [
        Row("API key check, warm, p99", f"{p99:.3f} ms", f"limit {LIMIT_MS:g} ms", p99 / LIMIT_MS, "<= 1.00"),
        Row("API key checks", f"{ours:,.0f}/s", f"one SELECT per check {theirs:,.0f}/s", ours / theirs, ">= 10"),
    ]
