"""What differs between two states of a flag, in words: for the preview before saving, and for proposals. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pages._parts.moments import UNKNOWN
from pages.platform._flags import fields, words
from pages.platform._flags.words import Here

Rules = Sequence[Mapping[str, Any]]
Placed = dict[str, tuple[int, Mapping[str, Any]]]


class Difference(NamedTuple):
    """One line of the table."""

    field: str
    before: str
    after: str


def between(before: Mapping[str, Any], after: Mapping[str, Any], here: Here) -> list[Difference]:
    """The fields of `after` that `before` has otherwise; rules one by one."""
    changed = [(name, before.get(name), value) for name, value in after.items() if before.get(name) != value]
    return of_fields(changed, here)


def of_fields(changed: Iterable[tuple[str, Any, Any]], here: Here) -> list[Difference]:
    """(field, before, after) in words."""
    found: list[Difference] = []
    for name, before, after in changed:
        if name == "rules":
            found += _rules(before or [], after or [], here)
        else:
            found.append(
                Difference(fields.field(name), fields.told(name, before, here), fields.told(name, after, here))
            )
    return found


def _rules(before: Rules, after: Rules, here: Here) -> list[Difference]:
    old, new = _placed(before), _placed(after)

    def told(known: Placed, key: str) -> str:
        return words.rule(known[key][1], here.names)

    gone = [
        Difference(f"Rule {place} removed", told(old, key), UNKNOWN)
        for key, (place, _) in old.items()
        if key not in new
    ]
    made = [
        Difference(f"Rule {place} added", UNKNOWN, told(new, key)) for key, (place, _) in new.items() if key not in old
    ]
    changed = [
        Difference(f"Rule {place}", told(old, key), told(new, key))
        for key, (place, one) in new.items()
        if key in old and old[key][1] != one
    ]
    kept, moved = [key for key in old if key in new], [key for key in new if key in old]
    order = [Difference("Order of the rules", _order(old, kept), _order(old, moved))] if kept != moved else []
    return [*gone, *made, *changed, *order]


def _placed(rules: Rules) -> Placed:
    return {one["id"]: (place, one) for place, one in enumerate(rules, 1)}


def _order(old: Placed, keys: Sequence[str]) -> str:
    """The rules by the numbers that they had."""
    return ", ".join(f"{old[key][0]}" for key in keys)
