"""A grid to edit: several rows are typed over and saved together, each on its own, and nothing that was typed is lost."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.many import Edit, Outcome
from pages._parts import drafts
from pages._parts.drafts import Drafts
from pages._parts.frame import run_action
from pages._parts.moments import UNKNOWN

Ids = Mapping[str, Mapping[Any, Any]]
Config = Mapping[str, Any]
Save = Callable[[Actor, list[Edit]], Iterable[Outcome]]


@dataclass(frozen=True, slots=True)
class EditGrid:
    """`name` keeps its state apart from that of others; `label` is the column that names a row; `fields` are the columns that
    are typed over, by the field that is saved."""

    name: str
    label: str
    fields: Mapping[str, str]

    def kept(self) -> Drafts:
        """What is not saved yet."""
        held: Drafts = st.session_state.setdefault(f"{self.name}_drafts", {})
        return held

    def problems(self) -> None:
        """What could not be saved, and why."""
        for draft in [one for one in self.kept().values() if one.problem]:
            st.error(
                f"{draft.label}: {draft.problem} What you typed is kept: change it, or save again.",
                icon=":material/error:",
            )

    def rows(self, loaded: pd.DataFrame, names: list[str], config: Config) -> None:
        """The editor of these rows, with what was typed before in place of what is stored."""
        drafts.rebase(self.kept(), loaded)
        key, base = self._base(loaded)
        st.data_editor(
            base, key=key, placeholder=UNKNOWN, hide_index=True, height="content" if len(base) < 16 else 590, num_rows="fixed",
            column_order=names, column_config=dict(config),
            disabled=[name for name in names if name not in self.fields],
            on_change=lambda: self._keep(loaded, st.session_state[key]["edited_rows"]),
        )  # fmt: skip

    def buttons(self, actor: Actor, save: Save, ids: Ids, *, shown: set[str]) -> None:
        """Saves or discards all drafts, also those that are not among the rows shown; `ids` as in drafts.saved."""
        held = self.kept()
        elsewhere = len([key for key in held if key not in shown])
        with st.container(horizontal=True, vertical_alignment="center"):
            label = f"Save {len(held)} change{'' if len(held) == 1 else 's'}" if held else "Save"
            if st.button(label, key="save", type="primary", disabled=not held, icon=":material/save:"):
                run_action(self._save, actor, save, ids, done=_told)
            if st.button("Discard", key="discard", disabled=not held):
                held.clear()
                self.renew()
                st.rerun()
            if elsewhere:
                st.caption(f"{elsewhere} of them not among the rows above.")

    def renew(self) -> None:
        """Begins a new editor, on what is stored now."""
        st.session_state[self._turn] = st.session_state.get(self._turn, 0) + 1

    @property
    def _turn(self) -> str:
        return f"{self.name}_turn"

    def _keep(self, loaded: pd.DataFrame, typed: Mapping[int, Mapping[str, Any]]) -> None:
        drafts.keep(self.kept(), loaded, typed, fields=self.fields, label=self.label)

    def _base(self, loaded: pd.DataFrame) -> tuple[str, pd.DataFrame]:
        """The editor's key and rows. Rows stay what they were as long as the editor lives: its edits are by place."""
        of = (tuple(loaded["id"]), tuple(loaded["version"]), tuple(loaded.columns), st.session_state.get(self._turn, 0))
        past = st.session_state.get(f"{self.name}_base")
        if past is None or past[0] != of:
            st.session_state[f"{self.name}_base"] = past = (of, drafts.with_drafts(loaded, self.kept()))
        return f"{self.name}_editor_{hash(of)}", past[1]

    def _save(self, actor: Actor, save: Save, ids: Ids) -> tuple[int, int]:
        held = self.kept()
        edits = [Edit(UUID(key), one.version, drafts.saved(one.values, self.fields, ids)) for key, one in held.items()]
        problems = {str(one.id): one.problem for one in save(actor, edits) if one.problem}
        self.renew()
        return drafts.settle(held, problems)


def _told(result: tuple[int, int]) -> str:
    done, failed = result
    return f"Saved {done}." if not failed else f"Saved {done}; {failed} could not be saved and are kept for you."
