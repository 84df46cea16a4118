"""Sends one message to one channel, blocking, with a time limit. What went wrong comes back as a sentence."""

import re
import time
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from core.health.channels.kinds import MAIL, kind_of
from core.health.channels.mailing import addresses_of
from core.kernel import mail
from core.kernel.errors import ExpectedError

Tone = Literal["failure", "warning", "info", "success"]
MAX_ERROR = 500
# What libraries wrap several times over: the system's reason, an address that must not be called, or too long a wait.
_CAUSE = re.compile(r"\[Errno -?\d+\] ([^'\")]+)|Refused\([\"']([^'\"]+)|(timed out)")


@dataclass(frozen=True, slots=True)
class Message:
    """Plain text. `incident` is the key under which services for incidents open and close; `id` is the message's own."""

    subject: str
    body: str
    tone: Tone
    id: str
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """How it went; `error` is None for a message that the service took."""

    error: str | None
    duration_ms: float

    @property
    def is_success(self) -> bool:
        return self.error is None


def send(url: str, message: Message) -> Sent:
    """Hands the message over. Never raises for what a service or a network does."""
    begun = time.monotonic()
    try:
        error = _send_mail(url, message) if kind_of(url) == MAIL else _send_by_apprise(url, message)
    except ExpectedError as problem:
        error = str(problem)
    return Sent(_tidy(error, url) if error else None, (time.monotonic() - begun) * 1000)


def _send_mail(url: str, message: Message) -> str | None:
    mail.send(addresses_of(url), message.subject, message.body, message_id=f"{message.id}@quarterdeck")
    return None


def _send_by_apprise(url: str, message: Message) -> str | None:
    from core.health.channels.apprising import send_by_apprise  # noqa: PLC0415  (Apprise takes its time to load)

    return send_by_apprise(url, message)


def _tidy(error: str, url: str) -> str:
    """Short, on one line, without any part of the URL that may be a secret."""
    text = re.sub(r"with url: \S+", "", _cause_of(error))
    for secret in _secrets(url):
        text = text.replace(secret, "***")
    return " ".join(text.split())[:MAX_ERROR]


def _cause_of(error: str) -> str:
    """What was tried, and the innermost cause where one is named."""
    tried, separator, wrapped = error.partition("Socket Exception:")
    causes = [next(filter(None, found)).strip() for found in _CAUSE.findall(wrapped)]
    return f"{tried.strip()} The cause: {causes[-1]}." if separator and causes else error


def _secrets(url: str) -> list[str]:
    parts = urlsplit(url)
    given = [parts.username, parts.password, *parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]
    plain = {unquote(one) for one in given if one} | {one for one in given if one}
    return sorted((one for one in plain if len(one) >= 6), key=len, reverse=True)
