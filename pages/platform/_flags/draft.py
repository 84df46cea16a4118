"""What somebody edits of one environment, until it is saved. Pure but for `of`, which keeps it in the session.

The draft, and not the widgets, holds the values: they survive a look at another view, an error and a conflict.
Its rows (rules, conditions, steps ...) carry a `uid`, so that a widget stays with its row when rows move.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any
from uuid import uuid4

import streamlit as st

from core.platform.flags.conditions import as_moment

FIELDS = (
    "is_enabled", "rollout_percentage", "serve", "rules", "prerequisites", "ramp", "enable_at", "disable_at", "guardrails",
)  # fmt: skip
_MOMENTS = ("at", "applied_at", "enable_at", "disable_at")


@dataclass
class Draft:
    """`base` is the content that was loaded, `version` its version; `turn` tells the widgets of one loading apart."""

    name: str
    version: int
    base: dict[str, Any]
    values: dict[str, Any]
    turn: str = field(default_factory=lambda: uuid4().hex[:6])

    def key(self, *parts: str) -> str:
        """A widget's key."""
        return "_".join((self.turn, *parts))

    def content(self) -> dict[str, Any]:
        """The values as they are stored: without uids, times as ISO 8601 in UTC."""
        return {name: stored(self.values[name], name) for name in FIELDS}

    def changes(self) -> dict[str, Any]:
        """The fields that differ from what was loaded."""
        return {name: value for name, value in self.content().items() if value != self.base[name]}

    def rebase(self, environment: Mapping[str, Any]) -> None:
        """Keeps what was edited, and takes the newest state for everything else."""
        edited, self.base = self.changes(), _content(environment)
        self.version = int(environment["version"])
        self.values = with_uids({**self.base, **edited})
        self.turn = uuid4().hex[:6]


def stored(value: Any, name: str = "") -> Any:
    """The value without uids and with its times as ISO 8601 in UTC."""
    if name in _MOMENTS:
        return as_moment(value).astimezone(UTC).isoformat() if value else None
    if isinstance(value, Mapping):
        return {key: stored(one, key) for key, one in value.items() if key != "uid"}
    return [stored(one) for one in value] if isinstance(value, list | tuple) else value


def with_uids(value: Any) -> Any:
    """A copy in which each row of a list has a uid."""
    if isinstance(value, Mapping):
        return {key: with_uids(one) for key, one in value.items()}
    if isinstance(value, list):
        return [row(**with_uids(one)) if isinstance(one, Mapping) else one for one in value]
    return deepcopy(value)


def row(**values: Any) -> dict[str, Any]:
    """A row of the draft."""
    return {"uid": uuid4().hex[:8], **values}


def move(rows: list[dict[str, Any]], place: int, by: int) -> None:
    """Moves a row up (by -1) or down (by 1)."""
    rows.insert(place + by, rows.pop(place))


def _content(environment: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: stored(environment[name], name) for name in FIELDS}
    found["rollout_percentage"] = float(found["rollout_percentage"])
    return found


def _name(environment: Mapping[str, Any]) -> str:
    return f"flag_draft_{environment['id']}"


def of(environment: Mapping[str, Any]) -> Draft:
    """The draft of the environment. Without edits it follows what is stored; with edits it stays until it is saved."""
    name = _name(environment)
    kept = st.session_state.get(name)
    if kept is None or (kept.version != environment["version"] and not kept.changes()):
        base = _content(environment)
        kept = st.session_state[name] = Draft(name, int(environment["version"]), base, with_uids(base))
    return kept


def forget(draft: Draft) -> None:
    """The next run starts from what is stored."""
    st.session_state.pop(draft.name, None)
