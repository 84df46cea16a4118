"""Conditional calls (RFC 9110, section 13): If-Match on changes, If-None-Match on reads. An ETag is the version in quotes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from core.kernel.errors import Conflict, ExpectedError, Invalid

_TAG = re.compile(r'\s*(W/)?"([^"\x00-\x20\x7f]*)"\s*')
_TOLD = 'The version that the change begins from, such as "3" (the ETag); * for any.'
_WRONG = {"If-Match": "Use the ETag that you were given."}


class PreconditionRequired(ExpectedError):
    code, status = "precondition_required", 428


@dataclass(frozen=True, slots=True)
class Precondition:
    """What If-Match asks for. `versions` is None for anything (absent or *), else those that may be changed."""

    given: bool
    versions: tuple[int, ...] | None

    def against(self, current: Callable[[], int]) -> int | None:
        """The version that must be the present one, or None for any. `current` is called only when it is needed.

        Raises Conflict (the answer is 412) when the present one is none of those that were given.
        """
        if self.versions is None:
            return None
        if len(self.versions) == 1:
            return self.versions[0]
        present = current()
        if present not in self.versions:
            raise Conflict("This was changed since you read it. Read it again and repeat your change.")
        return present

    def require(self) -> None:
        """Raises PreconditionRequired when there was no If-Match."""
        if not self.given:
            raise PreconditionRequired("Send If-Match with the ETag of what you mean, so that nothing newer is lost.")


def _tags(header: str) -> list[tuple[bool, str]]:
    """(is weak, value) of a list of entity tags. Raises Invalid."""
    found, place = [], 0
    while place < len(header):
        tag = _TAG.match(header, place)
        if tag is None:
            raise Invalid('Entity tags are written like "3", with commas between them.', _WRONG)
        found.append((bool(tag[1]), tag[2]))
        place = tag.end()
        if place < len(header) and header[place] != ",":
            raise Invalid('Entity tags are written like "3", with commas between them.', _WRONG)
        place += 1
    return found


def read_condition(if_match: str | None) -> Precondition:
    """Reads If-Match. A weak tag never matches (section 13.1.1), nor does one that the portal never gave."""
    if if_match is None or if_match.strip() == "*":
        return Precondition(if_match is not None, None)
    tags = _tags(if_match.strip())
    ours = tuple(int(value) for weak, value in tags if not weak and value.isdecimal() and len(value) < 19)
    return Precondition(True, ours)


async def precondition(
    if_match: Annotated[str | None, Header(alias="If-Match", description=_TOLD, max_length=1_000)] = None,
) -> Precondition:
    """Not a plain function: for one of those a thread would be woken."""
    return read_condition(if_match)


IfMatch = Annotated[Precondition, Depends(precondition)]


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the caller has this version already (weak comparison, section 13.1.2). A malformed header has no effect."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    try:
        return any(value == etag.removeprefix("W/").strip('"') for _, value in _tags(if_none_match.strip()))
    except Invalid:
        return False
