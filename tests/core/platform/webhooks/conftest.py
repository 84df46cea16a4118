import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import core.tasks  # noqa: F401
from core.kernel import events
from core.kernel.actor import Actor
from core.kernel.settings import settings
from core.platform.webhooks import actions
from core.platform.webhooks.delivering import Deliverer
from tests.core.platform.webhooks.receiver import Receiver, receiving


@pytest.fixture
def loopback_allowed(monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("OUTBOUND_ALLOW", "127.0.0.0/8")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def receiver(loopback_allowed) -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def make_webhook(loopback_allowed) -> Callable[..., actions.Made]:
    system = Actor.system("tests")

    def make(url: str, **values: object) -> actions.Made:
        return actions.create(system, **({"name": "Hook", "url": url, "events": ["tenants.*"]} | values))

    return make


def fan_out() -> None:
    """Hands all waiting events to the fan-out."""
    subscriber = next(one for one in events.subscribers() if one.name == "webhooks.fan_out")
    from core.kernel.dispatch import busy, dispatch

    while busy([subscriber]) and dispatch(subscriber):
        pass


@contextmanager
def delivering() -> Iterator[Deliverer]:
    """A deliverer in a thread of its own, stopped at the end."""
    made, loop, ready = [], asyncio.new_event_loop(), threading.Event()
    stop: list[asyncio.Event] = []

    async def run() -> None:
        stop.append(asyncio.Event())
        made.append(Deliverer())
        ready.set()
        await made[0].run(stop[0])

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield made[0]
    finally:
        loop.call_soon_threadsafe(stop[0].set)
        thread.join(30)
        assert not thread.is_alive()
        loop.close()


def until(condition: Callable[[], object], within_s: float = 60) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < within_s, "not in time"
        time.sleep(0.03)
