"""What may be said of schedules, rotations, overrides and escalation policies. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, get_args
from uuid import UUID

from core.kernel.errors import Invalid
from core.reliability.incidents.models import SEVERITIES
from core.reliability.on_call.rotating import Unit
from core.support.sla import rules as calendars

MAX_NAME, MAX_DESCRIPTION, MAX_REASON = 100, 1_000, 500
MAX_ROTATIONS, MAX_PEOPLE = 10, 50
MAX_STEPS, MAX_TARGETS, MAX_REPEATS, MAX_MINUTES, MAX_SERVICES = 10, 20, 9, 1_440, 50
LONGEST: Mapping[Unit, int] = {"hour": 168, "day": 366, "week": 52}
LONGEST_OVERRIDE = timedelta(days=92)
TARGETS = ("schedules", "operators", "channels")
_RANGES = {"repeats": (0, MAX_REPEATS), "repeat_after_minutes": (1, MAX_MINUTES)}


def _name(value: Any) -> str:
    name = " ".join(str(value).split())
    if not name or len(name) > MAX_NAME:
        raise Invalid(f"Give it a name of 1 to {MAX_NAME} characters.")
    return name


def _text(value: Any, most: int) -> str:
    text = str(value or "").strip()
    if len(text) > most:
        raise Invalid(f"Write at most {most:,} characters.")
    return text


def time_zone(value: Any) -> str:
    """Raises Invalid for what is no time zone."""
    if value not in calendars.zones():
        raise Invalid(f"There is no time zone “{str(value)[:60]}”. Choose one such as Europe/Berlin.")
    return str(value)


def _moment(value: Any) -> datetime:
    """In UTC, to the minute."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Invalid("Give a time with its zone.")
    return value.astimezone(UTC).replace(second=0, microsecond=0)


def _whole(value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Invalid(f"Write a whole number from {least:,} to {most:,}.")
    return value


def _ids(value: Any, most: int) -> list[UUID]:
    """Each once, in the order that was given."""
    try:
        found = list(dict.fromkeys(one if isinstance(one, UUID) else UUID(str(one)) for one in value or ()))
    except ValueError as error:
        raise Invalid("This is no id. Choose from the list.") from error
    if len(found) > most:
        raise Invalid(f"Choose at most {most}.")
    return found


def _periods(value: Any) -> list[list[int]]:
    """As those of a business calendar: sorted, without overlap within a day."""
    cleaned: list[list[int]] = calendars.clean({"periods": value or []}, ["periods"])["periods"]
    return cleaned


def _cleaned(values: Mapping[str, Any], cleaners: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Raises one Invalid that names every bad field."""
    cleaned: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field, value in values.items():
        try:
            cleaned[field] = cleaners[field](value)
        except KeyError:
            problems[field] = f"{field} cannot be edited here."
        except Invalid as error:
            problems[field] = str(error)
    if problems:
        raise Invalid(" ".join(f"{_label(field)}: {said}" for field, said in problems.items()), problems)
    return cleaned


def _label(field: str) -> str:
    return field.removesuffix("_ids").replace("_", " ").capitalize()


def clean_schedule(values: Mapping[str, Any]) -> dict[str, Any]:
    """name, description and time_zone as they are stored. Raises Invalid."""
    described = {"name": _name, "description": lambda text: _text(text, MAX_DESCRIPTION), "time_zone": time_zone}
    return _cleaned(values, described)


def clean_rotations(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The layers from the lowest to the highest, as they are stored but for `id`, None for a new one. Raises Invalid."""
    if len(given) > MAX_ROTATIONS:
        raise Invalid(f"A schedule has at most {MAX_ROTATIONS} rotations. Remove one.")
    found = [_clean_rotation(one, place) for place, one in enumerate(given)]
    named = [one["id"] for one in found if one["id"] is not None]
    if len(named) != len(set(named)):
        raise Invalid("A rotation is there twice. Load the page again.")
    return found


def _clean_rotation(given: Mapping[str, Any], position: int) -> dict[str, Any]:
    known: dict[str, Any] = {
        "starts_at": None,
        "ends_at": None,
        "unit": "week",
        "length": 1,
        "operator_ids": [],
        "periods": [],
        "name": "",
    }
    values = known | {name: value for name, value in given.items() if name != "id"}
    try:
        row = _cleaned(values, _ROTATION)
        _require_fitting(row)
    except Invalid as error:
        told = f"{str(values['name']).strip() or f'Rotation {position + 1}'}: {error}"
        raise Invalid(told, dict.fromkeys(error.fields or ["rotations"], told)) from error
    return row | {"id": UUID(str(given["id"])) if given.get("id") else None, "position": position}


_ROTATION: Mapping[str, Callable[[Any], Any]] = {
    "name": _name, "starts_at": _moment, "ends_at": lambda at: None if at is None else _moment(at),
    "unit": lambda unit: _one_of(unit, get_args(Unit)), "length": lambda length: _whole(length, 1, 366),
    "operator_ids": lambda ids: _ids(ids, MAX_PEOPLE), "periods": _periods,
}  # fmt: skip


def _one_of(value: Any, known: Sequence[str]) -> str:
    if value not in known:
        raise Invalid(f"Choose one of: {', '.join(known)}.")
    return str(value)


def _require_fitting(row: Mapping[str, Any]) -> None:
    if not row["operator_ids"]:
        raise Invalid(
            "Choose who takes turns, at least one colleague.", {"operator_ids": "Choose at least one colleague."}
        )
    if row["length"] > LONGEST[row["unit"]]:
        told = f"A turn has at most {LONGEST[row['unit']]} {row['unit']}s."
        raise Invalid(told, {"length": told})
    if row["ends_at"] is not None and row["ends_at"] <= row["starts_at"]:
        raise Invalid("It must end after it begins.", {"ends_at": "It must end after it begins."})


def clean_window(starts_at: Any, ends_at: Any, *, now: datetime) -> tuple[datetime, datetime]:
    """The time of an override, from now at the earliest: the past stays as it was. Raises Invalid."""
    row = _cleaned({"starts_at": starts_at, "ends_at": ends_at}, {"starts_at": _moment, "ends_at": _moment})
    begun, ended = max(row["starts_at"], now), row["ends_at"]
    if ended <= row["starts_at"]:
        raise Invalid("It must end after it begins.", {"ends_at": "It must end after it begins."})
    if ended <= now:
        raise Invalid("That time is over. Choose one that comes.", {"ends_at": "That time is over."})
    if ended - begun > LONGEST_OVERRIDE:
        told = f"An override lasts at most {LONGEST_OVERRIDE.days} days. Change the rotation instead."
        raise Invalid(told, {"ends_at": told})
    return begun, ended


def clean_reason(value: Any) -> str:
    return _text(value, MAX_REASON)


def clean_policy(values: Mapping[str, Any]) -> dict[str, Any]:
    """name, steps, repeats, repeat_after_minutes, severities and services as they are stored. Raises Invalid."""
    return _cleaned(values, _POLICY)


def _services(given: Any) -> list[str]:
    found = sorted({_name(one) for one in given})
    if len(found) > MAX_SERVICES:
        raise Invalid(f"Name at most {MAX_SERVICES} services.")
    return found


def _steps(given: Any) -> list[dict[str, Any]]:
    if not 1 <= len(given) <= MAX_STEPS:
        raise Invalid(f"Describe 1 to {MAX_STEPS} steps.")
    steps = [_step(one, place) for place, one in enumerate(given)]
    if any(later["after_minutes"] <= earlier["after_minutes"] for earlier, later in pairwise(steps)):
        raise Invalid("Each step comes later than the one before it. Give it more minutes.")
    return steps


def _step(given: Mapping[str, Any], place: int) -> dict[str, Any]:
    after = _whole(given.get("after_minutes", 0), 0, MAX_MINUTES)
    targets = {name: [str(one) for one in _ids(given.get(name), MAX_TARGETS)] for name in TARGETS}
    if not any(targets.values()):
        raise Invalid(f"Step {place + 1} calls nobody. Choose a schedule, a colleague or a channel.")
    return {"after_minutes": after, **targets}


_POLICY: Mapping[str, Callable[[Any], Any]] = {
    "name": _name, "steps": _steps,
    "repeats": lambda value: _whole(value, *_RANGES["repeats"]),
    "repeat_after_minutes": lambda value: _whole(value, *_RANGES["repeat_after_minutes"]),
    "severities": lambda chosen: sorted({_one_of(one, SEVERITIES) for one in chosen}),
    "services": _services,
}  # fmt: skip


def fits(severities: Sequence[str], services: Sequence[str], *, severity: str, affected: Sequence[str]) -> bool:
    """Whether a policy of these severities and services (none: all) pages by itself for such an incident."""
    return severity in severities and (not services or not affected or bool(set(services) & set(affected)))
