"""How often a maintenance window comes back: chosen in words, kept as a rule after RFC 5545."""

from collections.abc import Mapping
from datetime import date, datetime

import streamlit as st
from dateutil.rrule import rrulestr

ONCE, DAILY, WEEKLY, MONTHLY, OWN = "Once", "Every day", "Every week", "Every month", "Own rule"
REPEATS = (ONCE, DAILY, WEEKLY, MONTHLY, OWN)
DAYS = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}
_CODES = tuple(DAYS)
_PLACES = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}


def ask(rule: str | None, start: datetime, *, key: str) -> str | None:
    """The rule as chosen, or None for once. `start` is local; days follow it where none is chosen."""
    known = parts_of(rule)
    kind = st.selectbox("Repeats", REPEATS, REPEATS.index(_kind(known)), key=f"{key}_repeats")
    if kind == ONCE:
        return None
    if kind == OWN:
        return st.text_input(
            "Rule", rule or "", key=f"{key}_rule", placeholder="FREQ=MONTHLY;BYDAY=2TU", max_chars=500,
            help="RFC 5545: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY; times are those of the window's zone.",
        ) or "FREQ="  # fmt: skip
    if kind == DAILY:
        return "FREQ=DAILY" + _until(known, key)
    return {WEEKLY: _weekly, MONTHLY: _monthly}[kind](known, start, key) + _until(known, key)


def parts_of(rule: str | None) -> dict[str, str]:
    """`FREQ=WEEKLY;BYDAY=SU` as a mapping."""
    return dict(part.split("=", 1) for part in (rule or "").split(";") if "=" in part)


def _kind(known: Mapping[str, str]) -> str:
    simple = {"DAILY": (DAILY, set()), "WEEKLY": (WEEKLY, {"BYDAY"}), "MONTHLY": (MONTHLY, {"BYDAY", "BYMONTHDAY"})}
    if not known:
        return ONCE
    kind, allowed = simple.get(known.get("FREQ", ""), (OWN, set()))
    is_simple = known.keys() <= {"FREQ", "UNTIL", *allowed} and not {"BYDAY", "BYMONTHDAY"} <= known.keys()
    return kind if is_simple and not (kind == MONTHLY and "," in known.get("BYDAY", "")) else OWN


def _weekly(known: Mapping[str, str], start: datetime, key: str) -> str:
    held = [day for day in known.get("BYDAY", "").split(",") if day in DAYS] or [_CODES[start.weekday()]]
    days = st.pills(
        "On", list(DAYS), default=held, key=f"{key}_days", selection_mode="multi", format_func=DAYS.__getitem__
    )
    return f"FREQ=WEEKLY;BYDAY={','.join(day for day in DAYS if day in days) or _CODES[start.weekday()]}"


def _monthly(known: Mapping[str, str], start: datetime, key: str) -> str:
    place, code = (start.day - 1) // 7 + 1, _CODES[start.weekday()]
    place = place if place <= 4 else -1
    options = [f"BYMONTHDAY={start.day}", f"BYDAY={place}{code}", "BYMONTHDAY=-1"]
    names = [f"On day {start.day}", f"On the {_PLACES[place]} {DAYS[code]}", "On the last day"]
    held = f"BYMONTHDAY={known['BYMONTHDAY']}" if "BYMONTHDAY" in known else f"BYDAY={known.get('BYDAY', '')}"
    chosen = st.radio(
        "On", options, options.index(held) if held in options else 0, key=f"{key}_monthly", horizontal=True,
        format_func=dict(zip(options, names, strict=True)).__getitem__,
    )  # fmt: skip
    return f"FREQ=MONTHLY;{chosen}"


def _until(known: Mapping[str, str], key: str) -> str:
    """The last day, its own included."""
    held: date | None = None
    if "UNTIL" in known:
        held = date.fromisoformat(f"{known['UNTIL'][:4]}-{known['UNTIL'][4:6]}-{known['UNTIL'][6:8]}")
    last = st.date_input(
        "Until", held, key=f"{key}_until", format="YYYY-MM-DD", help="The last day. Empty: without end."
    )
    return f";UNTIL={last:%Y%m%d}T235959" if last else ""


def sentence(rule: str | None) -> str:
    """The rule in words, as far as it is one of the usual ones."""
    known = parts_of(rule)
    kind = _kind(known)
    until = known.get("UNTIL", "")
    end = f" until {until[:4]}-{until[4:6]}-{until[6:8]}" if until and kind != OWN else ""
    return (str(rule) if kind == OWN else kind + _on(known)) + end


def _on(known: Mapping[str, str]) -> str:
    if "BYMONTHDAY" in known:
        return " on the last day" if known["BYMONTHDAY"] == "-1" else f" on day {known['BYMONTHDAY']}"
    days = known.get("BYDAY", "")
    if known.get("FREQ") == "MONTHLY" and days:
        number = days.rstrip("".join(_CODES))
        return f" on the {_PLACES.get(int(number or 1), number)} {DAYS.get(days[-2:], days)}"
    return f" on {', '.join(DAYS.get(day, day) for day in days.split(','))}" if days else ""


def is_rule(text: str) -> bool:
    """Whether it can be read at all; what it may be besides is for the action to say."""
    try:
        rrulestr(text, dtstart=datetime(2000, 1, 1))  # noqa: DTZ001  (rules have local times)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError):
        return False
    return True
