"""What will become of each of many tickets, and doing it."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.many import Outcome
from pages._parts import results
from pages._parts.frame import run_action
from pages._parts.moments import UNKNOWN
from pages.support._queue.dialogs import dialogs


def ids(found: pd.DataFrame) -> list[UUID]:
    return [UUID(one) for one in found["id"]]


def show(found: pd.DataFrame, before: Sequence[Any], after: Sequence[Any], why: Sequence[Any] | None = None) -> None:
    """A row per ticket: number, subject, what is now, what is then, and why not where it cannot be."""
    changes = sum(1 for now, then in zip(before, after, strict=True) if now != then)
    st.caption(f"{changes:,} of {len(found):,} change.")
    rows = pd.DataFrame(
        {"Ticket": list(found["reference"]), "Subject": list(found["subject"]), "Now": before, "Then": after}
    )
    st.dataframe(
        rows if why is None else rows.assign(**{"Why not": why}), hide_index=True, key="many_preview",
        height="content" if len(found) < 8 else 300, placeholder=UNKNOWN,
    )  # fmt: skip


def run(actor: Actor, found: pd.DataFrame, action: Callable[..., list[Outcome]], **values: Any) -> None:
    """Does it for all of them, keeps what became of each, and closes the dialog."""
    names = dict(zip(ids(found), found["reference"], strict=True))

    def act(present: Actor) -> Sequence[Outcome]:
        return results.kept("ticket", action(present, list(names), **values), names)

    run_action(act, actor, done=dialogs.closing(results.told))
