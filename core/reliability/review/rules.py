"""What a review may say. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from core.kernel.cleaning import Cleaners, cleaned
from core.kernel.errors import Invalid

MAX_WHYS, MAX_WHY, MAX_TEXT, MAX_FACTORS, MAX_TITLE = 5, 500, 20_000, 20, 200
FACTORS = ("process", "people", "technology", "monitoring", "dependency", "change")
PRIORITIES = ("high", "medium", "low")
TEXTS = ("summary", "went_well", "went_wrong", "was_lucky")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """What may be saved of a post-mortem: texts, whys, factors, owner_id. Raises one Invalid naming every bad field."""
    return cleaned(values, _CLEAN)


def clean_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """What may be saved of an action item: title, owner_id, due_on, priority, note. Raises one Invalid."""
    return cleaned(values, _CLEAN_ITEM)


def _bad(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})


def _text(field: str, value: Any) -> str:
    text = _NO_TEXT.sub("", str(value or "")).strip()
    if len(text) > MAX_TEXT:
        raise _bad(field, f"Shorten {field.replace('_', ' ')} to {MAX_TEXT:,} characters.")
    return text


def _whys(field: str, value: Any) -> list[str]:
    """Each answers why the one before it is so: what comes after an empty one would answer nothing."""
    whys = [" ".join(_NO_TEXT.sub("", str(one or "")).split()) for one in value or ()]
    while whys and not whys[-1]:
        whys.pop()
    if "" in whys:
        raise _bad(field, f"Answer why number {whys.index('') + 1} first, or clear those after it.")
    if len(whys) > MAX_WHYS or any(len(one) > MAX_WHY for one in whys):
        raise _bad(field, f"Give at most {MAX_WHYS} whys of at most {MAX_WHY} characters each.")
    return whys


def _factors(field: str, value: Any) -> list[dict[str, str]]:
    made = [_factor(field, one) for one in value or ()]
    if len(made) > MAX_FACTORS:
        raise _bad(field, f"Name at most {MAX_FACTORS} contributing factors.")
    return made


def _factor(field: str, given: Mapping[str, Any]) -> dict[str, str]:
    kind, text = given.get("kind"), " ".join(_NO_TEXT.sub("", str(given.get("text") or "")).split())
    if kind not in FACTORS or not text or len(text) > MAX_WHY:
        raise _bad(
            field, f"Give each factor one of the kinds {', '.join(FACTORS)}, and a text of 1 to {MAX_WHY} characters."
        )
    return {"kind": str(kind), "text": text}


def _title(field: str, value: Any) -> str:
    title = " ".join(_NO_TEXT.sub("", str(value or "")).split())
    if not title or len(title) > MAX_TITLE:
        raise _bad(field, f"Say what is to be done in 1 to {MAX_TITLE} characters.")
    return title


def _priority(field: str, value: Any) -> str:
    if value not in PRIORITIES:
        raise _bad(field, f"Choose one of {', '.join(PRIORITIES)} as priority.")
    return str(value)


def _day(field: str, value: Any) -> date | None:
    if value is not None and not isinstance(value, date):
        raise _bad(field, "Give the due date as a day.")
    return value


_CLEAN: Cleaners = {
    **{name: partial(_text, name) for name in TEXTS}, "whys": partial(_whys, "whys"), "factors": partial(_factors, "factors"),
    "owner_id": lambda value: value,
}  # fmt: skip
_CLEAN_ITEM: Cleaners = {
    "title": partial(_title, "title"), "priority": partial(_priority, "priority"), "due_on": partial(_day, "due_on"),
    "note": partial(_text, "note"), "owner_id": lambda value: value,
}  # fmt: skip


def lacking(*, whys: Sequence[str], summary: str, items: int) -> str:
    """What a review still lacks before it can be submitted, in one sentence; empty when nothing."""
    parts = (("a summary", summary), ("at least one why", whys), ("an action item", items))
    missing = [name for name, there in parts if not there]
    return f"Still to write: {', '.join(missing)}." if missing else ""
