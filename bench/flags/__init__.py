"""Flags: evaluations a second in process beside UnleashClient, who has a flag among 1,000 tenants, how soon a kill counts."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from bench.report import Row
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.platform.flags import actions, queries
from core.platform.flags.evaluating import Flags, context

HERE = Path(__file__).parent
VENV = Path(".data/bench-unleash")
SYSTEM = Actor.system("bench")
TENANTS, FLAGS, ROUNDS, KILLS = 1_000, 40, 15, 10
PLANS = ("free", "basic", "pro", "enterprise")
PAGE_MS, KILL_S = 150, 2.0


def _tenants() -> list[dict[str, Any]]:
    random, now = Random(3), utc_now()
    rows = [
        {"id": UUID(int=random.getrandbits(128), version=4), "name": f"Tenant {place:04d}", "domain": f"t{place}.example",
         "status": "active", "tier": PLANS[place % 4], "region": ("US", "EU", "APAC")[place % 3], "seats": 5,
         "created_at": now, "updated_at": now, "version": 1}
        for place in range(TENANTS)
    ]  # fmt: skip
    with write(SYSTEM, "demo.seed") as tx:
        tx.bulk(insert(Tenant), rows)
    return rows


def _flags() -> dict[str, UUID]:
    paying = {"attribute": "plan", "operator": "in", "values": ["pro", "enterprise"]}
    rule = {"conditions": [paying], "serve": {"variant": "on"}, "percentage": 50}
    made = {}
    for place in range(FLAGS):
        key = ("rollout", "targeted")[place] if place < 2 else f"other-{place}"
        flag = actions.create(SYSTEM, key=key, name=key, is_enabled=True, rollout_percentage=0 if place % 2 else 50)
        made[key] = flag.id
        if place % 2:
            actions.configure(SYSTEM, flag.id, "production", version=1, rules=[rule])
    return made


def _python() -> Path:
    """The Python of the other side's venv, which is made when it is absent."""
    python = VENV / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"], check=True)
    return python


class _Unleash:
    """The other side as a process that waits for its turns."""

    def __init__(self, contexts: list[dict[str, Any]]) -> None:
        command = [str(_python()), str(HERE / "unleash.py")]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._ask(json.dumps(contexts)) == "ready"

    def _ask(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def turn(self, name: str) -> tuple[float, int]:
        found = json.loads(self._ask(name))
        return found["rate"], found["on"]

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)


def _turn(flags: Flags, name: str, contexts: list[dict[str, Any]]) -> tuple[float, int]:
    started = time.perf_counter()
    on = sum(flags.is_on(name, one) for one in contexts)
    return len(contexts) / (time.perf_counter() - started), on


def _evaluations(tenants: list[dict[str, Any]]) -> list[Row]:
    """Alternates both in one run, each call with a context that is made already; medians."""
    contexts = [context(tenant_id=row["id"], plan=row["tier"]) for row in tenants] * 20
    flags = Flags("production")
    flags.start()
    other = _Unleash(contexts)
    try:
        flags.look()
        return [_compare(flags, other, name, contexts) for name in ("rollout", "targeted")]
    finally:
        other.end()
        flags.stop()


def _compare(flags: Flags, other: _Unleash, name: str, contexts: list[dict[str, Any]]) -> Row:
    turns = [(_turn(flags, name, contexts), other.turn(name)) for _ in range(ROUNDS)]
    mine, theirs = (sorted(turn[side][0] for turn in turns)[ROUNDS // 2] for side in (0, 1))
    on = [turns[0][side][1] / len(contexts) for side in (0, 1)]
    what = {"rollout": "50 % rollout", "targeted": "condition and 50 %"}[name]
    beside = f"UnleashClient {theirs:,.0f}/s (on for {on[1]:.0%})"
    return Row(f"evaluations: {what}", f"{mine:,.0f}/s (on for {on[0]:.0%})", beside, mine / theirs, ">= 1.00")


def _p95(work: Callable[[], Any], times: int = 40) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return sorted(taken)[int(times * 0.95) - 1]


def _within(measure: str, work: Callable[[], Any]) -> Row:
    work()
    taken = _p95(work)
    return Row(measure, f"{taken:.0f} ms p95", f"budget of a page {PAGE_MS} ms", taken / PAGE_MS, "<= 1.00")


def _audience(flags: dict[str, UUID], tenants: list[dict[str, Any]]) -> list[Row]:
    targeted = flags["targeted"]
    return [
        _within(
            "who has it, 50 rows of 1,000 tenants",
            lambda: queries.who_has(SYSTEM, targeted, "production", variant="on"),
        ),
        _within("how many of 1,000 tenants have it", lambda: queries.who_has_counts(SYSTEM, targeted, "production")),
        _within(
            f"what one tenant has of {FLAGS} flags", lambda: queries.what_has(SYSTEM, tenants[7]["id"], "production")
        ),
        _within(f"adoption of {FLAGS} flags by 1,000 tenants", lambda: queries.adoption_overview(SYSTEM, "production")),
    ]


def _kills(flag_id: UUID) -> Row:
    """From the click to the answer of another watch, the slowest of some."""
    flags = Flags("production")
    flags.start()
    flags.look()
    taken = []
    for _ in range(KILLS):
        started = time.perf_counter()
        actions.kill(SYSTEM, flag_id, "production", reason="bench")
        while flags.evaluate("rollout", {"tenant_id": "t"}).reason != "DISABLED":
            time.sleep(0.005)
        taken.append(time.perf_counter() - started)
        actions.revive(SYSTEM, flag_id, "production", reason="bench")
    flags.stop()
    slowest = max(taken)
    return Row(
        "a kill counts elsewhere after",
        f"{slowest:.2f} s at most",
        f"promised {KILL_S:g} s",
        slowest / KILL_S,
        "<= 1.00",
    )


def run() -> list[Row]:
    """Fills 1,000 tenants and 40 flags, and measures."""
    tenants, flags = _tenants(), _flags()
    return [*_evaluations(tenants), *_audience(flags, tenants), _kills(flags["rollout"])]
