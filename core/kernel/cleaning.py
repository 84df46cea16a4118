"""Many values cleaned at once: everything that is wrong is said together, so that a form is corrected in one go."""

from collections.abc import Callable, Mapping
from typing import Any

from core.kernel.errors import Invalid

Cleaners = Mapping[str, Callable[[Any], Any]]


def cleaned(values: Mapping[str, Any], cleaners: Cleaners) -> dict[str, Any]:
    """Each value by the cleaner of its name, which raises Invalid. Raises one Invalid that names every bad field, also those
    that nobody may edit."""
    made: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field, value in values.items():
        if field not in cleaners:
            problems[field] = f"{field} cannot be edited here."
            continue
        try:
            made[field] = cleaners[field](value)
        except Invalid as error:
            problems[field] = str(error)
    if problems:
        raise Invalid(" ".join(dict.fromkeys(problems.values())), problems)
    return made
