"""The grid to edit: several rows are typed over and saved together, each on its own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.tenants import bulk, queries, rules
from core.kernel.actor import Actor
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages.customers._directory import columns, drafts
from pages.customers._directory.choices import Choices
from pages.customers._directory.drafts import Drafts

_DRAFTS, _BASE, _TURN = "tenants_drafts", "tenants_base", "tenants_turn"


def kept() -> Drafts:
    """What is not saved yet."""
    known: Drafts = st.session_state.setdefault(_DRAFTS, {})
    return known


def show(actor: Actor, frame: pd.DataFrame, chosen: Choices, labels: Mapping[UUID, str]) -> None:
    """The rows with their editor, what could not be saved, and the buttons."""
    known = kept()
    for draft in [one for one in known.values() if one.problem]:
        st.error(
            f"{draft.name}: {draft.problem} What you typed is kept: change it, or save again.", icon=":material/error:"
        )
    names = list(chosen.columns)
    loaded = _loaded(frame, names, labels)
    key, base = _base(loaded, known)
    st.data_editor(
        base, key=key, placeholder=UNKNOWN, hide_index=True, height="content" if len(base) < 16 else 590, num_rows="fixed",
        column_order=names, column_config=_config(actor, names, labels),
        disabled=[name for name in names if name not in drafts.FIELDS],
        on_change=lambda: drafts.keep(known, loaded, st.session_state[key]["edited_rows"]),
    )  # fmt: skip
    _buttons(actor, known, {label: csm for csm, label in labels.items()}, shown=set(frame["id"]))


def _loaded(frame: pd.DataFrame, names: list[str], labels: Mapping[UUID, str]) -> pd.DataFrame:
    """What is stored, in the editor's form: read-only columns as they are read, the others as they are typed."""
    given = frame.copy()
    given["csm"] = [labels.get(UUID(one)) if isinstance(one, str) else None for one in frame["csm_id"]]
    read_only = columns.shown(given, [name for name in names if name not in drafts.FIELDS])
    typed = given[[name for name in names if name in drafts.FIELDS]]
    about = given[[name for name in ("id", "version", "name") if name not in typed]]
    return pd.concat([about, typed, read_only], axis=1)


def _base(loaded: pd.DataFrame, known: Drafts) -> tuple[str, pd.DataFrame]:
    """The editor's key and rows. Rows stay what they were as long as the editor lives: its edits are by place."""
    of = (tuple(loaded["id"]), tuple(loaded["version"]), tuple(loaded.columns), st.session_state.get(_TURN, 0))
    past = st.session_state.get(_BASE)
    if past is None or past[0] != of:
        st.session_state[_BASE] = past = (of, drafts.with_drafts(loaded, known))
    return f"tenants_editor_{hash(of)}", past[1]


def _config(actor: Actor, names: list[str], labels: Mapping[UUID, str]) -> dict[str, Any]:
    """The columns that are typed over have their limits; the others are as in the grid to browse."""
    typed = {
        "name": st.column_config.TextColumn("Name", max_chars=rules.MAX_NAME, required=True, pinned=True, width=220),
        "domain": st.column_config.TextColumn("Domain", required=True, width=190),
        "region": st.column_config.SelectboxColumn("Region", options=list(rules.REGIONS), required=True, width=75),
        "csm": st.column_config.SelectboxColumn("CSM", options=list(labels.values()), width=130),
        "tags": st.column_config.MultiselectColumn("Tags", options=queries.tags(actor), accept_new_options=True, width=160)
        if "tags" in names else None,
    }  # fmt: skip
    read_only = columns.config([name for name in names if name not in drafts.FIELDS], zone=str(zone(actor)))
    return read_only | {name: one for name, one in typed.items() if name in names}


def _buttons(actor: Actor, known: Drafts, csm_ids: Mapping[str, UUID], *, shown: set[str]) -> None:
    elsewhere = len([key for key in known if key not in shown])
    with st.container(horizontal=True, vertical_alignment="center"):
        label = f"Save {len(known)} change{'' if len(known) == 1 else 's'}" if known else "Save"
        if st.button(label, key="save", type="primary", disabled=not known, icon=":material/save:"):
            run_action(_save, actor, csm_ids, done=_told)
        if st.button("Discard", key="discard", disabled=not known):
            known.clear()
            renew()
            st.rerun()
        if elsewhere:
            st.caption(f"{elsewhere} of them not among the rows above.")


def _save(actor: Actor, csm_ids: Mapping[str, UUID]) -> tuple[int, int]:
    known = kept()
    outcomes = bulk.update_many(actor, drafts.edits(known, csm_ids))
    problems = {str(one.tenant_id): one.problem for one in outcomes if one.problem}
    now = queries.chosen(actor, [UUID(key) for key in problems])
    versions = dict(zip(now["id"], now["version"], strict=True))
    for key in list(known):
        if key not in problems:
            del known[key]
            continue
        # The operator has been told who changed it; saving again puts his values over theirs.
        known[key].problem, known[key].version = problems[key], int(versions.get(key, known[key].version))
    renew()
    return len(outcomes) - len(problems), len(problems)


def renew() -> None:
    """Begins a new editor, on what is stored now."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _told(result: tuple[int, int]) -> str:
    saved, failed = result
    return f"Saved {saved}." if not failed else f"Saved {saved}; {failed} could not be saved and are kept for you."
