"""The checks themselves. Each answers within its own time and turns what goes wrong into a finding."""

import asyncio
import smtplib
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import nats
import nats.errors
import psutil
import redis
from sqlalchemy import select

from core.health.components import rules
from core.health.components.queries import beats
from core.health.components.rules import Finding
from core.kernel import mail
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.logs import get_logger
from core.kernel.reads import read
from core.kernel.settings import settings
from core.platform.queue.queries import depth

log = get_logger()
NOT_CONFIGURED = "Not configured: set {name} to have it checked."


@dataclass(frozen=True, slots=True)
class Probe:
    """What looks at one component; `timeout_s` is when no answer is an answer."""

    component: str
    timeout_s: float
    look: Callable[[Actor], Finding]


def _took(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


def database(actor: Actor) -> Finding:
    """SELECT 1, from asking for a connection to the answer."""
    begun = time.perf_counter()
    with read(actor, timeout_ms=3_000) as rx:
        rx.value(select(1))
    return rules.by_latency(_took(begun), rules.DATABASE_LIMIT_MS)


def queue(actor: Actor) -> Finding:
    """How much waits, and for how long."""
    begun = time.perf_counter()
    found = depth(actor)
    judged = rules.by_queue(found.waiting, found.oldest)
    return Finding(judged.status, judged.detail, _took(begun))


def scheduler(actor: Actor) -> Finding:
    return beats(actor)["scheduler"]


def worker(actor: Actor) -> Finding:
    return beats(actor)["worker"]


def disk(_: Actor) -> Finding:
    """The disk that holds the portal's data on this host."""
    folder = settings().data_folder.absolute()
    usage = psutil.disk_usage(str(next(path for path in (folder, *folder.parents) if path.exists())))
    return rules.by_disk(usage.percent / 100, usage.free)


def mail_server(_: Actor) -> Finding:
    """Connects and says EHLO; signs in where the address has a user."""
    url = settings().smtp_url
    if url is None:
        return Finding("not_configured", NOT_CONFIGURED.format(name="SMTP_URL"))
    begun = time.perf_counter()
    with mail.connect(url.get_secret_value(), timeout_s=4) as server:
        code, said = server.ehlo()
    if code >= 400:
        return Finding("down", f"Refuses EHLO: {code} {said.decode('utf-8', 'replace')}", _took(begun))
    return rules.by_latency(_took(begun), rules.MAIL_LIMIT_MS)


def redis_server(_: Actor) -> Finding:
    """PING."""
    url = settings().redis_url
    if url is None:
        return Finding("not_configured", NOT_CONFIGURED.format(name="REDIS_URL"))
    with redis.Redis.from_url(url.get_secret_value(), socket_timeout=2, socket_connect_timeout=2) as client:
        client.ping()
        begun = time.perf_counter()
        client.ping()
        return rules.by_latency(_took(begun), rules.REDIS_LIMIT_MS)


def nats_server(_: Actor) -> Finding:
    """Connects, and waits for the PONG that a flush asks for."""
    url = settings().nats_url
    if url is None:
        return Finding("not_configured", NOT_CONFIGURED.format(name="NATS_URL"))
    return rules.by_latency(asyncio.run(_nats_ping(url.get_secret_value())), rules.NATS_LIMIT_MS)


async def _nats_ping(url: str) -> float:
    problems = ["No answer within 4 s."]

    async def note(problem: Exception) -> None:
        problems.append(str(problem) or type(problem).__name__)

    try:
        # The client itself tries for ever where nobody listens.
        client = await asyncio.wait_for(nats.connect(url, connect_timeout=2, allow_reconnect=False, error_cb=note), 4)
    except TimeoutError as error:
        raise ConnectionError(problems[-1]) from error
    try:
        begun = time.perf_counter()
        await client.flush(timeout=2)
        return _took(begun)
    finally:
        await client.close()


PROBES = (
    Probe("database", 5, database),
    Probe("queue", 6, queue),
    Probe("scheduler", 6, scheduler),
    Probe("workers", 6, worker),
    Probe("disk", 5, disk),
    Probe("mail", 10, mail_server),
    Probe("redis", 5, redis_server),
    Probe("nats", 6, nats_server),
)
_EXPECTED = (ExpectedError, OSError, smtplib.SMTPException, redis.RedisError, nats.errors.Error)


def run_all(actor: Actor, probes: tuple[Probe, ...] = PROBES) -> dict[str, Finding]:
    """Looks at all at the same time; one that hangs does not hold up the others."""
    threads = ThreadPoolExecutor(len(probes), thread_name_prefix="probe")
    begun = time.monotonic()
    try:
        looking = {probe: threads.submit(probe.look, actor) for probe in probes}
        return {probe.component: _found(probe, future, begun) for probe, future in looking.items()}
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _found(probe: Probe, looking: Future[Finding], begun: float) -> Finding:
    try:
        return looking.result(max(probe.timeout_s - (time.monotonic() - begun), 0.0))
    except TimeoutError:
        return Finding("down", f"No answer within {probe.timeout_s:g} s.")
    except _EXPECTED as error:
        return Finding("down", _without_secret(f"{error}" or type(error).__name__))
    except Exception:
        log.exception("a check failed by itself", component=probe.component)
        return Finding("unknown", "The check itself failed; the log has the trace.")


def _without_secret(sentence: str) -> str:
    """Addresses may carry a password; what is shown has the host only."""
    configured = (settings().smtp_url, settings().redis_url, settings().nats_url)
    for url in (secret.get_secret_value() for secret in configured if secret):
        sentence = sentence.replace(url, urlsplit(url).hostname or "the server")
        if password := urlsplit(url).password:
            sentence = sentence.replace(password, "•••")
    return sentence[:500]
