"""Other people's words inside Markdown."""

from typing import Any

_SPECIAL = frozenset(r"\`*_{}[]()#+-.!|<>$~:&")


def plain(text: Any) -> str:
    """The text as it stands, whatever marks it has."""
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in " ".join(str(text).split()))
