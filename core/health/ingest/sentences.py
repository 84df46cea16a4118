"""What is wrong with a row that cannot be decoded, in sentences that say what to do."""

import re
from collections.abc import Callable

from core.health.ingest.rows import KINDS

_NUMBERS = rb"duration_ms|value|cost|count|status|response_bytes"
_NOT_FINITE = re.compile(rb'"(' + _NUMBERS + rb')"\s*:\s*"?-?(?:NaN|Infinity)"?\s*[,}]')
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BARE = re.compile(rb"-?\b(?:NaN|Infinity)\b")
_PATH = re.compile(r" - at `(?:key` in `)?\$\.?([^`\[]*)(?:\[\.\.\.\])?[^`]*`$")
_NAMES = {
    "str": "text", "int": "a whole number", "float": "a number", "decimal": "a number", "bool": "true or false",
    "null": "null", "object": "an object", "array": "a list", "datetime": "a time in text", "uuid": "a UUID in text",
}  # fmt: skip
_ONE_OF = {"status": "sent, delivered or failed", "kind": "gauge, counter or histogram"}
_TYPES = f"{', '.join(list(KINDS)[:-1])} or {list(KINDS)[-1]}"

Told = tuple[str, str | None, str]


def _kinds(text: str) -> str:
    return " or ".join(_NAMES.get(one, one) for one in text.split(" | "))


# Each: what the decoder says, a code, and the sentence out of the field's name and the groups.
_RULES: list[tuple[re.Pattern[str], str, Callable[..., str]]] = [
    (re.compile(r"Object missing required field `(.+)`"), "missing", lambda _, name: f"{name} is missing."),
    (re.compile(r"Object contains unknown field `(.*)`"), "unknown_field",
     lambda _, name: f"There is no field {name[:60]} in this type of row. Check its spelling, or leave it out."),
    (re.compile(r"Invalid value .*"), "wrong_type", lambda field: f"{field} must be {_TYPES}."),
    (re.compile(r"Invalid enum value .*"), "wrong_value",
     lambda field: f"{field} must be {_ONE_OF.get(field, 'one of the known words')}."),
    (re.compile(r"Expected `([^`]+)`, got `([^`]+)`"), "wrong_type",
     lambda field, wanted, got: f"{field} must be {_kinds(wanted)}, and this is {_kinds(got)}."),
    (re.compile(r"Expected `str` of length <= (\d+)"), "too_long",
     lambda field, most: f"{field} has more than {int(most):,} characters. Shorten it."),
    (re.compile(r"Expected `str` of length >= (\d+)"), "too_short",
     lambda field, least: f"{field} needs {'some text' if least == '1' else f'{least} characters or more'}."),
    (re.compile(r"Expected `\w+` >= (\S+)"), "out_of_range", lambda field, least: f"{field} must not be below {float(least):g}."),
    (re.compile(r"Expected `\w+` <= (\S+)"), "out_of_range",
     lambda field, most: f"{field} must not be above {float(most):,.0f}."),
    (re.compile(r"Expected `str` matching regex .*"), "wrong_value",
     lambda field: f"{field} must be three capital letters, such as EUR."),
    (re.compile(r"Expected `datetime` with a timezone component"), "wrong_type",
     lambda field: f"{field} has no time zone. Add Z for UTC, or an offset such as +02:00."),
    (re.compile(r"Invalid RFC3339 encoded datetime"), "wrong_type",
     lambda field: f"{field} is not a time. Write it like 2026-01-31T12:00:00Z."),
    (re.compile(r"Invalid UUID"), "wrong_type", lambda field: f"{field} is not a UUID."),
    (re.compile(r"Number out of range|Integer value out of range|Out of range"), "out_of_range",
     lambda field: f"{field} is a number too large to be kept."),
    (re.compile(r"Expected `str`"), "wrong_type", lambda field: f"{field} must be text."),
]  # fmt: skip


def told(raw: bytes, error: Exception) -> Told:
    """Code, field and sentence for a row that the decoder refused."""
    if not_finite := _not_finite(raw):
        return not_finite
    if isinstance(error, UnicodeDecodeError):
        return "malformed", None, "This row is not UTF-8. Encode its text as UTF-8."
    said = str(error)
    if said.startswith(("JSON is malformed", "Input data was truncated")) or isinstance(error, RecursionError):
        return "malformed", None, f"This row is not JSON ({_reason(said)}). Send one object."
    return _of_field(said)


def _of_field(said: str) -> Told:
    place = _PATH.search(said)
    field = place.group(1) if place else ""
    if not field and said.startswith("Expected `object`"):
        return "wrong_type", None, 'A row must be an object such as {"type": "request", ...}.'
    plain = said[: place.start()] if place else said
    for pattern, code, sentence in _RULES:
        if found := pattern.fullmatch(plain):
            named = found.group(1)[:60] if code in ("missing", "unknown_field") else field
            return code, named or None, sentence(field, *found.groups())
    return "invalid", field or None, f"{field or 'This row'} cannot be stored: {plain}."


def _not_finite(raw: bytes) -> Told | None:
    found = _NOT_FINITE.search(raw)
    if found is None and not _BARE.search(_STRINGS.sub(b'""', raw)):
        return None
    field = found.group(1).decode(errors="replace") if found else None
    return (
        "not_finite",
        field,
        f"{field or 'A value'} is not a number: NaN and Infinity cannot be stored. Leave it out.",
    )


def _reason(said: str) -> str:
    return said.removeprefix("JSON is malformed: ").lower().replace("input data was truncated", "it ends too early")
