"""What makes a provider healthy, and what may be said of one. Bands after the admin tools document, section 4.1. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from core.kernel.actor import Actor
from core.kernel.cleaning import cleaned
from core.kernel.errors import Conflict, Denied, Invalid

Status = Literal["healthy", "degraded", "down", "unknown"]
STATUSES: tuple[Status, ...] = ("healthy", "degraded", "down", "unknown")
DEGRADED_FROM, DOWN_FROM = 0.05, 0.15
CHANNELS = ("sms", "voice", "email", "push", "whatsapp")  # offered; any other word is a channel, too
MAX_NAME, MAX_CHANNEL, MAX_NOTE = 100, 40, 500
_CHANNEL = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{MAX_CHANNEL - 1}}}")


def messages(sent: int, delivered: int, failed: int) -> int:
    """How many messages these events are about, at least.

    One that the provider refuses may fail without ever being sent, and a provider without receipts never delivers.
    """
    return max(sent, delivered + failed)


def error_ratio(sent: int, delivered: int, failed: int) -> float | None:
    """Failed of all messages; None without traffic."""
    whole = messages(sent, delivered, failed)
    return failed / whole if whole else None


def delivery_ratio(sent: int, delivered: int) -> float | None:
    """Delivered of sent (section 9.1); None when nothing was sent. Late receipts can take it past 1."""
    return delivered / sent if sent else None


def status_of(ratio: float | None) -> Status:
    """The band of an error ratio: healthy below 5 %, degraded below 15 %, else down; None is unknown."""
    if ratio is None:
        return "unknown"
    return "healthy" if ratio < DEGRADED_FROM else "degraded" if ratio < DOWN_FROM else "down"


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of them; what is unknown does not count, nothing known is unknown."""
    known = set(statuses)
    return next((status for status in ("down", "degraded", "healthy") if status in known), "unknown")


def require_platform(actor: Actor) -> None:
    """Providers carry the messages of all tenants: a key of one tenant does not switch them. Raises Denied."""
    if actor.scope != "all":
        raise Denied("Providers serve every tenant, so only those who see all tenants may change them.")


def require_order(channel: str, wanted: Sequence[Any], there: Sequence[Any], was: Sequence[Any] | None) -> None:
    """`there` is the order now, `was` the one that the caller saw. Raises Conflict, Invalid."""
    if was is not None and list(was) != list(there):
        raise Conflict(f"Somebody changed the order of {channel} while you edited it. Look at it and move again.")
    if len(set(wanted)) != len(wanted) or set(wanted) != set(there):
        sentence = f"Name every provider of {channel} once, in the new order."
        raise Invalid(sentence, {"provider_ids": sentence})


def active(order: Iterable[tuple[str, bool]]) -> str | None:
    """Who is used, of (name, is_enabled) in their order; None when nobody may."""
    return next((name for name, is_enabled in order if is_enabled), None)


def _clean_name(value: Any) -> str:
    name = " ".join(str(value).split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise Invalid(f"Give the provider's name as the messages carry it, in 1 to {MAX_NAME} characters.")
    return name


def _clean_channel(value: Any) -> str:
    channel = str(value or "").strip().lower()
    if not _CHANNEL.fullmatch(channel):
        raise Invalid(f"A channel is one word of a-z, 0-9, - and _ up to {MAX_CHANNEL} characters, such as sms.")
    return channel


def _clean_note(value: Any) -> str:
    note = str(value or "").strip()
    if len(note) > MAX_NOTE or "\x00" in note:
        raise Invalid(f"Keep the note under {MAX_NOTE} characters.")
    return note


_CLEANERS = {"name": _clean_name, "channel": _clean_channel, "note": _clean_note}


def clean(values: Mapping[str, Any]) -> dict[str, str]:
    """Name, channel and note as they are stored. Raises one Invalid that names every bad field."""
    return cleaned(values, _CLEANERS)
