"""Messages about alerts through kills and hanging services: every one arrives, and what is stored as sent goes no second time."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from core.health.channels import delivering
from core.health.channels.claiming import LEASE
from core.kernel.settings import settings
from core.kernel.times import utc_now
from tests.core.health.channels_setup import channel, fire, hand_over, route
from tests.core.platform.webhooks.receiver import receiving

# Sends what is due in five minutes and dies at the named place.
_DIES = """
import os, sys
from datetime import timedelta
from core.health.channels import delivering
from core.kernel.times import utc_now
place = sys.argv[1]
if place == "before":
    delivering.send = lambda *_: os._exit(9)
if place == "after":
    delivering._outcome = lambda *_: os._exit(9)
delivering.send_due(utc_now() + timedelta(minutes=5))
"""


@pytest.fixture
def receiver(committed_db, monkeypatch):
    monkeypatch.setenv("OUTBOUND_ALLOW", "127.0.0.0/8")
    settings.cache_clear()
    hand_over()
    with receiving() as running:
        route(channel("Ops", f"json://127.0.0.1:{running.port}/ops"))
        fire("web-1")
        yield running
    settings.cache_clear()


def die(place: str, url: str) -> int:
    """A sender of its own that dies there; its exit code."""
    given = os.environ | {"DATABASE_URL": url}
    return subprocess.run([sys.executable, "-c", _DIES, place], env=given, timeout=60, check=False).returncode


def statuses(committed_raw) -> list[tuple]:
    return [tuple(row) for row in committed_raw("SELECT status, attempts FROM alert_notification")]


def test_killed_before_it_sent_the_message_goes_once(committed_db, committed_raw, receiver):
    assert die("before", committed_db) == 9
    assert receiver.requests == [] and statuses(committed_raw) == [("waiting", 0)]
    begun = utc_now() + timedelta(minutes=5)
    assert delivering.send_due(begun + LEASE / 2) == 0, "the dead one may still be at it"
    assert delivering.send_due(begun + 2 * LEASE) == 1
    assert delivering.send_due(begun + timedelta(hours=2)) == 0
    assert len(receiver.requests) == 1 and statuses(committed_raw) == [("sent", 1)]


def test_killed_between_send_and_mark_the_message_goes_again_and_then_never_more(committed_db, committed_raw, receiver):
    assert die("after", committed_db) == 9
    assert len(receiver.requests) == 1 and statuses(committed_raw) == [("waiting", 0)]
    begun = utc_now() + timedelta(minutes=5)
    assert delivering.send_due(begun + 2 * LEASE) == 1
    for hours in range(1, 4):
        assert delivering.send_due(begun + timedelta(hours=hours)) == 0
    assert len(receiver.requests) == 2 and statuses(committed_raw) == [("sent", 1)]


def test_a_service_that_hangs_is_left_behind_and_tried_again(committed_raw, receiver, monkeypatch):
    monkeypatch.setattr(delivering, "END_WITHIN_S", 0.5)
    receiver.answer = lambda _: "hang"
    now = utc_now() + timedelta(minutes=1)
    assert delivering.send_due(now) == 0
    [(status, attempts)] = statuses(committed_raw)
    assert (status, attempts) == ("waiting", 1)
    assert "did not answer" in committed_raw("SELECT error FROM alert_notification")[0].error
    receiver.answer = lambda _: 204
    assert delivering.send_due(now + timedelta(minutes=5)) == 1
    assert statuses(committed_raw) == [("sent", 2)]


def test_a_sender_whose_lease_was_taken_changes_nothing(committed_raw, receiver, monkeypatch):
    """It was thought dead: another one has the message by now, and says what became of it."""
    stolen = "UPDATE alert_notification SET leased_by = 'another'"

    def answer(_: object) -> int:
        committed_raw(stolen)
        return 500

    receiver.answer = answer
    assert delivering.send_due(utc_now() + timedelta(minutes=1)) == 0
    assert statuses(committed_raw) == [("waiting", 0)]
