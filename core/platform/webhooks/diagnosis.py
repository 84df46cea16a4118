"""Why does a signature fail? The checks of a receiver one by one, and the usual mistakes tried out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from core.kernel.errors import Invalid
from core.platform.webhooks import signatures

TOLERANCE = timedelta(minutes=5)
NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check; `is_fine` is None for a hint that decides nothing."""

    is_fine: bool | None
    sentence: str


def parse_headers(text: str) -> dict[str, str]:
    """`Name: value` lines as pasted from a log, by lower-case name; other lines are passed over."""
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip().strip("\"'<> ").lower(): value.strip().strip("\"',") for name, _, value in pairs}


def diagnose(secret: str, headers: Mapping[str, str], body: str, *, now: datetime) -> list[Finding]:
    """The checks in the order of a receiver; the last one says whether the message is genuine. Raises Invalid never."""
    try:
        signatures.key_bytes(secret)
    except Invalid as error:
        return [Finding(False, str(error))]
    missing = [name for name in NAMES if not headers.get(name)]
    if missing:
        return [Finding(False, f"The header {name} is missing.") for name in missing]
    found = [_timestamp(headers["webhook-timestamp"], now), _signature(secret.strip(), headers, body)]
    if found[-1].is_fine is False:
        found += [Finding(None, sentence) for sentence in _suspicions(secret.strip(), headers, body)]
    return found


def _timestamp(text: str, now: datetime) -> Finding:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        return Finding(False, f"webhook-timestamp “{text[:30]}” is not a number of seconds since 1970.")
    age = now - datetime.fromtimestamp(int(text), UTC)
    if abs(age) <= TOLERANCE:
        return Finding(True, "The timestamp is within five minutes of now.")
    direction = "old" if age > timedelta() else "in the future"
    return Finding(
        False, f"The message is {abs(age).total_seconds():,.0f} s {direction}; receivers refuse more than five minutes."
    )


def _entries(headers: Mapping[str, str]) -> list[str]:
    return headers["webhook-signature"].split()


def _fits(secret: str, headers: Mapping[str, str], body: bytes, *, message_id: str | None = None) -> bool:
    named = message_id or headers["webhook-id"]
    return any(signatures.fits(secret, one, named, headers["webhook-timestamp"], body) for one in _entries(headers))


def _signature(secret: str, headers: Mapping[str, str], body: str) -> Finding:
    if _fits(secret, headers, body.encode()):
        return Finding(True, "The signature was made with this secret over exactly this id, timestamp and body.")
    return Finding(False, "No signature of the header fits this secret, id, timestamp and body.")


def _suspicions(secret: str, headers: Mapping[str, str], body: str) -> Iterator[str]:
    wanted = "v1" if secret.startswith(signatures.SECRET) else "v1a"
    if not any(one.startswith(wanted + ",") for one in _entries(headers)):
        yield f"The header has no {wanted} entry, which is what this secret verifies. Is it the secret of another endpoint?"
    for name, changed in _variants(body):
        if changed != body and _fits(secret, headers, changed.encode()):
            yield f"It fits the body {name}: the receiver must verify the raw bytes, before anything parses or trims them."
            return
    if headers["webhook-id"] != headers["webhook-id"].lower() and _fits(
        secret, headers, body.encode(), message_id=headers["webhook-id"].lower()
    ):
        yield "It fits the id in lower case: something on the way changed the header."
    yield "Compare the secret's first and last characters with the endpoint's, and look whether it was rotated over a day ago."


def _variants(body: str) -> Iterator[tuple[str, str]]:
    yield "without white space around it", body.strip()
    yield "with a new line at its end", body + "\n"
    yield "with Unix line ends", body.replace("\r\n", "\n")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    yield "written compactly", orjson.dumps(document).decode()
    yield "written with indents", orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
    yield "with its keys sorted", orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
