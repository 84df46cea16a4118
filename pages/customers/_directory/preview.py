"""What will become of each of many tenants, and doing it."""

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
from pages.customers._directory.dialogs import dialogs


def show(found: pd.DataFrame, before: list[str], after: list[str]) -> None:
    """A row per tenant: its name, what is now, what is then."""
    changes = sum(one != other for one, other in zip(before, after, strict=True))
    st.caption(f"{changes:,} of {len(found):,} change.")
    st.dataframe(
        pd.DataFrame({"Tenant": found["name"], "Now": before, "Then": after}), hide_index=True, key="many_preview",
        height="content" if len(found) < 8 else 300, placeholder=UNKNOWN,
    )  # fmt: skip


def run(actor: Actor, found: pd.DataFrame, action: Callable[..., list[Outcome]], **values: Any) -> None:
    """Does it for all of them, keeps what became of each, and closes the dialog."""
    names = {UUID(key): name for key, name in zip(found["id"], found["name"], strict=True)}

    def act(present: Actor) -> Sequence[Outcome]:
        return results.kept("tenant", action(present, list(names), **values), names)

    run_action(act, actor, done=dialogs.closing(results.told))
