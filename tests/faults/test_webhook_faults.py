"""Webhooks through kills, restarts and bad receivers: every delivery arrives, and no process repeats what succeeded."""

import random
import time
from collections import Counter

import pytest
from sqlalchemy import create_engine, text

from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.settings import settings
from core.platform.webhooks import actions
from tests.core.platform.webhooks.receiver import Received, receiving
from tests.faults.test_worker_faults import own_server  # noqa: F401  (a fixture)
from tests.jobs.processes import Process, ended, until

SYSTEM = Actor.system("tests")
FAST = {"OUTBOUND_ALLOW": "127.0.0.0/8", "SAMPLE_LEASE": "3", "SAMPLE_REST": "0.3"}


@pytest.fixture
def receiver(monkeypatch):
    monkeypatch.setenv("OUTBOUND_ALLOW", "127.0.0.0/8")
    settings.cache_clear()
    with receiving() as running:
        yield running
    settings.cache_clear()


def make(url: str, **values: object) -> None:
    actions.create(SYSTEM, **({"name": "Hook", "url": url, "events": ["settings.*"]} | values))


def queue_events(run, how_many: int) -> None:
    """Events as many actions would leave them."""
    run(
        "INSERT INTO event (id, type, payload, actor_name, request_id, occurred_at)"
        " SELECT gen_random_uuid(), 'settings.rotate_keys', '{\"entity_ids\": []}', 'tests', 'tests', now()"
        f" FROM generate_series(1, {how_many})"
    )


def worker(folder, url: str, **more: str) -> Process:
    return Process(folder, url, "worker", **(FAST | more))


def arrived(run, how_many: int) -> bool:
    rows = run("SELECT status, count(*) AS count FROM webhook_delivery GROUP BY 1")
    return {row.status: row.count for row in rows} == {"delivered": how_many}


def test_killed_workers_lose_nothing_and_none_repeats_what_succeeded(committed_db, committed_raw, receiver, tmp_path):
    succeeded: list[str] = []
    chance = random.Random(3)

    def answer(one: Received) -> int:
        if chance.random() < 0.1:
            return 503
        succeeded.append(one.headers["webhook-id"])
        return 200

    receiver.answer = answer
    for path in ("/a", "/b", "/c"):
        make(receiver.url(path), name=path, retry_after_s=[0, *[1] * 19])
    first = worker(tmp_path, committed_db)
    with ended(first):  # a subscriber hears from its first start on
        until(lambda: committed_raw("SELECT FROM event_cursor WHERE subscriber = 'webhooks.fan_out'"), within_s=60)
        first.kill()
    queue_events(committed_raw, 1_500)
    lives = []
    for _ in range(3):
        begun, one = len(succeeded), worker(tmp_path, committed_db)
        with ended(one):
            until(lambda begun=begun: len(succeeded) > begun + 300, within_s=60)
            time.sleep(chance.random() * 0.2)
            one.kill()
            time.sleep(0.2)  # what it had sent arrives
            lives.append(succeeded[begun:])
    begun, last = len(succeeded), worker(tmp_path, committed_db)
    with ended(last):
        until(lambda: arrived(committed_raw, 4_500), within_s=60)
        assert last.stop() == 0
        lives.append(succeeded[begun:])
    assert len(set(succeeded)) == 1_500, "every event, at three endpoints each"
    per_delivery = [Counter(life) for life in lives]
    assert all(most <= 3 for life in per_delivery for most in life.values()), "once for each of three endpoints"


def test_a_restart_of_the_database_repeats_no_call_that_succeeded(own_server, receiver, tmp_path):  # noqa: F811
    own, url = own_server
    engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)

    def run(statement: str) -> list:
        with engine.connect() as connection:
            result = connection.execute(text(statement))
            return list(result.all()) if result.returns_rows else []

    receiver.answer = lambda _: 0.01
    make(receiver.url())
    one = worker(tmp_path, url)
    with ended(one):
        until(lambda: run("SELECT FROM event_cursor WHERE subscriber = 'webhooks.fan_out'"), within_s=60)
        queue_events(run, 4_000)
        until(lambda: len(receiver.requests) > 500, within_s=60)
        own.stop()
        time.sleep(4)
        own.start()
        db.forget_engines()
        until(lambda: arrived(run, 4_000), within_s=60, every_s=0.3)
        assert one.process.poll() is None
        assert one.stop() == 0
    engine.dispose()
    again = [message for message, times in Counter(receiver.ids()).items() if times > 1]
    assert (len(set(receiver.ids())), again) == (4_000, [])


def test_receivers_that_hang_reset_and_answer_500_get_everything_when_they_are_well(
    committed_db, committed_raw, receiver, tmp_path
):
    """An hour of trouble with the pauses of a schedule compressed to seconds."""
    trouble = {"/hang": "hang", "/reset": "reset", "/broken": 500, "/well": 200}
    receiver.answer = lambda one: trouble[one.path]
    for path in trouble:
        make(receiver.url(path), name=path, retry_after_s=[0, *[1] * 19], timeout_s=1, max_concurrency=5)
    one = worker(tmp_path, committed_db)
    with ended(one):
        until(lambda: committed_raw("SELECT FROM event_cursor WHERE subscriber = 'webhooks.fan_out'"), within_s=60)
        queue_events(committed_raw, 200)
        until(lambda: len(set(receiver.ids("/well"))) == 200, within_s=60)
        time.sleep(5)
        states = {row.name: row for row in committed_raw(
            "SELECT w.name, l.failures, l.successes FROM webhook_lane l JOIN webhook w ON w.id = l.webhook_id")}  # fmt: skip
        assert all(
            states[path].failures >= 5 and states[path].successes == 0 for path in ("/hang", "/reset", "/broken")
        )
        trouble.update(dict.fromkeys(trouble, 200))
        until(lambda: arrived(committed_raw, 800), within_s=60)
        assert one.stop() == 0
    for path in trouble:
        assert len(set(receiver.ids(path))) == 200
    assert Counter(receiver.ids("/well")).most_common(1)[0][1] == 1


def test_twenty_thousand_queued_events_all_arrive_once(committed_db, committed_raw, receiver, tmp_path):
    make(receiver.url(), max_concurrency=50)
    first, second = worker(tmp_path, committed_db), worker(tmp_path, committed_db)
    with ended(first, second):
        until(lambda: committed_raw("SELECT FROM event_cursor WHERE subscriber = 'webhooks.fan_out'"), within_s=60)
        queue_events(committed_raw, 20_000)
        until(lambda: arrived(committed_raw, 20_000), within_s=120, every_s=0.5)
        assert (first.stop(), second.stop()) == (0, 0)
    assert len(set(receiver.ids())) == len(receiver.ids()) == 20_000
