"""Checks of real things, and of things that hang or are not there."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from core.health.components import probes, queries, tasks
from core.health.components.probes import Probe
from core.health.components.rules import Finding
from core.kernel.settings import settings
from core.platform.queue.beats import Heart

NAMES = set(queries.TITLES)


@pytest.fixture
def configured(monkeypatch):
    """Sets addresses of services for one test."""

    def configure(**urls: str) -> None:
        for name, url in urls.items():
            monkeypatch.setattr(settings(), name, SecretStr(url))

    return configure


@pytest.fixture
def talking():
    """A TCP server on loopback that greets and answers each line by a function; returns its port."""
    opened = []

    def listen(greeting: bytes, answer) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        opened.append(server)

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=_talk, args=(peer, greeting, answer), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        return server.getsockname()[1]

    yield listen
    for server in opened:
        server.close()


def _talk(peer: socket.socket, greeting: bytes, answer) -> None:
    with peer:
        peer.sendall(greeting)
        while data := peer.recv(4_096):
            if said := answer(data):
                peer.sendall(said)


def a_closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_round_stores_every_component_and_the_sum(committed_raw, system):
    Heart("scheduler").beat(is_leader=True)
    Heart("worker").beat()
    tasks.check(system)
    stored = {row.component: row.status for row in committed_raw("SELECT component, status FROM component_check")}
    assert set(stored) == NAMES | {"overall"}
    assert {stored[name] for name in ("mail", "redis", "nats")} == {"not_configured"}
    assert stored["overall"] == "healthy"


def test_not_configured_does_not_count_and_is_said(committed_db, system):
    Heart("scheduler").beat(is_leader=True)
    Heart("worker").beat()
    tasks.check(system)
    health = queries.current(system)
    assert health.status == "healthy"
    assert health.excluded["not_configured"] == ["Mail server", "Redis", "NATS"]


def test_process_that_does_not_beat_turns_degraded_then_down_without_any_check(db, raw, system):
    Heart("worker").beat()
    found = []
    for age in (0, 12, 30):
        raw("UPDATE process_heartbeat SET seen_at = now() - make_interval(secs => :age)", age=age)
        found.append(queries.beats(system)["worker"].status)
    assert found == ["healthy", "degraded", "down"]


def test_process_that_stopped_on_purpose_counts_as_gone(db, system):
    heart = Heart("worker")
    heart.beat()
    heart.beat(stopped=True)
    assert queries.beats(system)["worker"] == Finding("down", "No worker runs.")


def test_component_without_a_check_for_90_s_is_unknown(committed_raw, system):
    tasks.check(system)
    committed_raw("UPDATE component_check SET at = at - interval '2 minutes'")
    health = {one.name: one for one in queries.current(system).components}
    assert health["database"].finding.status == "unknown"
    assert health["database"].checked_at is not None
    assert health["workers"].finding.status == "down"


def test_component_that_was_never_checked_is_unknown(db, system):
    found = {one.name: one for one in queries.current(system).components}
    assert (found["disk"].finding.status, found["disk"].checked_at) == ("unknown", None)


def test_one_that_hangs_is_down_after_its_time_and_does_not_hold_up_the_others(system):
    release = threading.Event()
    hanging = Probe("hanging", 0.3, lambda _: release.wait(10) and Finding("healthy", "late"))
    quick = Probe("quick", 0.3, lambda _: Finding("healthy", "here"))
    begun = time.monotonic()
    found = probes.run_all(system, (hanging, quick))
    release.set()
    assert time.monotonic() - begun < 2
    assert found["hanging"] == Finding("down", "No answer within 0.3 s.")
    assert found["quick"].status == "healthy"


def test_check_with_a_defect_is_unknown_and_not_down(system):
    def broken(_):
        raise KeyError("oops")

    assert probes.run_all(system, (Probe("broken", 1, broken),))["broken"].status == "unknown"


def test_mail_server_that_says_ehlo_is_healthy_and_a_closed_port_is_down(system, configured):
    server = Controller(object(), hostname="127.0.0.1", port=a_closed_port())
    server.start()
    try:
        configured(smtp_url=f"smtp://127.0.0.1:{server.port}")
        assert probes.mail_server(system).status == "healthy"
    finally:
        server.stop()
    found = probes.run_all(system, (Probe("mail", 5, probes.mail_server),))["mail"]
    assert found.status == "down"


def test_redis_is_healthy_when_it_answers_ping_and_its_password_is_never_shown(system, configured, talking):
    def answer(data: bytes) -> bytes:
        return b"+OK\r\n" * (data.count(b"\r\n*") + data.startswith(b"*")) if b"PING" not in data else b"+PONG\r\n"

    configured(redis_url=f"redis://127.0.0.1:{talking(b'', answer)}/0?protocol=2")
    assert probes.redis_server(system).status == "healthy"
    configured(redis_url=f"redis://:sesame@127.0.0.1:{a_closed_port()}/0")
    found = probes.run_all(system, (Probe("redis", 5, probes.redis_server),))["redis"]
    assert found.status == "down"
    assert "sesame" not in found.detail


def test_nats_is_healthy_when_it_answers_and_down_when_nobody_is_there(system, configured, talking):
    info = b'INFO {"server_id":"x","version":"2.10","proto":1,"max_payload":1048576}\r\n'
    port = talking(info, lambda data: b"PONG\r\n" * data.count(b"PING\r\n"))
    configured(nats_url=f"nats://127.0.0.1:{port}")
    assert probes.nats_server(system).status == "healthy"
    configured(nats_url=f"nats://127.0.0.1:{a_closed_port()}")
    assert probes.run_all(system, (Probe("nats", 8, probes.nats_server),))["nats"].status == "down"


def test_days_without_observation_are_there_as_unknown(db, raw, system):
    raw(
        "INSERT INTO component_rollup_day (bucket, component, status, total, latency_ms_count, latency_ms_sum) VALUES"
        " (date_trunc('day', now(), 'UTC') - interval '2 days', 'overall', 'healthy', 1440, 0, 0)"
    )
    days = queries.days(system, count=4)
    assert list(days["status"]) == ["unknown", "healthy", "unknown", "unknown"]
    assert list(days["observed_ratio"]) == [0, 0.5, 0, 0]
    assert days["available_ratio"].isna().tolist() == [True, False, True, True]
    assert days["day"].diff().dropna().eq(timedelta(days=1)).all()
