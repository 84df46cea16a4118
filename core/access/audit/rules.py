"""The chain: what is digested of an entry, and what a break of the chain means. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import orjson

START = bytes(32)
_PLACE = ("xid", "occurred_at")


@dataclass(frozen=True, slots=True)
class Finding:
    """The first bad entry of the trail."""

    kind: Literal["edited", "deleted", "reordered", "inserted", "truncated"]
    position: int
    entry_id: UUID | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Link:
    """One position of the chain as stored, with the entry found for it (None: there is none)."""

    position: int
    entry_id: UUID
    content: bytes
    digest: bytes
    entry: Mapping[str, Any] | None


def _bytes(value: Any) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def content_of(entry: Mapping[str, Any]) -> bytes:
    """SHA-256 of everything the entry says, but not of its place in the trail."""
    return hashlib.sha256(_bytes({key: value for key, value in entry.items() if key not in _PLACE})).digest()


def chained(previous: bytes, entry: Mapping[str, Any], content: bytes) -> bytes:
    """SHA-256 over the digest before, the entry's place (transaction and time) and its content."""
    place = _bytes([str(entry["xid"]), entry["occurred_at"]])
    return hashlib.sha256(previous + place + content).digest()


def first_break(links: Iterable[Link]) -> tuple[Finding | None, int, bytes]:
    """Walks the chain. Returns the first bad entry (or None), the last good position and its digest."""
    previous, good = START, 0
    for link in links:
        finding = _judge(link, previous, good)
        if finding is not None:
            return finding, good, previous
        previous, good = link.digest, link.position
    return None, good, previous


def _judge(link: Link, previous: bytes, good: int) -> Finding | None:
    if link.position != good + 1:
        gone = f"Position {good + 1} of the trail is missing; the next one is {link.position}."
        return Finding("deleted", good + 1, None, gone)
    if link.entry is None:
        return Finding("deleted", link.position, link.entry_id, f"Entry {link.entry_id} was sealed and is gone.")
    content = content_of(link.entry)
    if content != link.content:
        return Finding("edited", link.position, link.entry_id, f"Entry {link.entry_id} no longer says what was sealed.")
    if chained(previous, link.entry, content) != link.digest:
        told = f"Entry {link.entry_id} is not where, or not of the time, at which it was sealed."
        return Finding("reordered", link.position, link.entry_id, told)
    return None
