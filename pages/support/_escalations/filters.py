"""What narrows the lists, by the address."""

from collections.abc import Callable, Iterator
from dataclasses import asdict

import pandas as pd
import streamlit as st

from core.data.exports.streaming import frames
from core.kernel.actor import Actor
from core.kernel.reads import AnySelect
from core.support.breaches.queries import GRAVE, Filters
from core.support.breaches.words import TARGETS
from pages._parts import exporting
from pages.support import _words as words
from pages.support._queue import known

ME, NOBODY = "Me", "Nobody"


def ask(actor: Actor, *, of: tuple[str, ...]) -> Filters:
    """The widgets named in `of` (priority, grave, team, assignee, target), and what they say."""
    given: dict[str, object] = {}
    for name in of:
        given |= _ASKS[name](actor)
    return Filters(**given)  # type: ignore[arg-type]


def _several(label: str, titles: dict[str, str], key: str) -> tuple[str, ...]:
    chosen = st.multiselect(
        label, list(titles), key=key, bind="query-params", format_func=titles.__getitem__, placeholder="Any", width=200
    )
    return tuple(chosen)


def _priority(actor: Actor) -> dict[str, object]:
    return {"priorities": _several("Priority", words.PRIORITY, "priority")}


def _grave(actor: Actor) -> dict[str, object]:
    return {"priorities": _several("Priority", {one: words.PRIORITY[one] for one in GRAVE}, "grave")}


def _target(actor: Actor) -> dict[str, object]:
    return {"targets": _several("Target", TARGETS, "target")}


def _team(actor: Actor) -> dict[str, object]:
    by_name = {label: key for key, label in known.teams(actor).items()}
    chosen = st.multiselect("Team", list(by_name), key="team", bind="query-params", placeholder="Any", width=200)
    return {"team_ids": tuple(by_name[one] for one in chosen)}


def _assignee(actor: Actor) -> dict[str, object]:
    """By name, the viewer's own, nobody's."""
    by_label = {label: key for key, label in known.colleagues(actor).items()}
    chosen = st.multiselect(
        "Assignee", [ME, NOBODY, *by_label], key="assignee", bind="query-params", placeholder="Any", width=220
    )
    ids = [actor.operator_id if one == ME else by_label[one] for one in chosen if one != NOBODY]
    return {"assignee_ids": tuple(one for one in ids if one), "unassigned": NOBODY in chosen}


_ASKS: dict[str, Callable[[Actor], dict[str, object]]] = {
    "priority": _priority, "grave": _grave, "target": _target, "team": _team, "assignee": _assignee,
}  # fmt: skip


def export(actor: Actor, name: str, statement: Callable[[], AnySelect], filters: Filters, **more: object) -> None:
    """The button that takes out what the filters find, with the assignees' names."""
    labels = {str(key): label for key, label in known.colleagues(actor).items()}

    def make(present: Actor) -> Iterator[pd.DataFrame]:
        for frame in frames(present, statement()):
            yield frame.assign(assignee=frame["assignee_id"].map(labels))

    said = {key: value for key, value in asdict(filters).items() if value}
    exporting.button(actor, name, make, filters=said | more)
