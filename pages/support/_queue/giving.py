"""Giving many tickets to a colleague, or among those who are there."""

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.tickets import assigning, bulk
from pages.support import _words as words
from pages.support._queue import known, preview
from pages.support._queue.choices import NOBODY
from pages.support._queue.dialogs import dialogs


def owners(found: pd.DataFrame) -> list[str]:
    """Who has each ticket now."""
    return [one if isinstance(one, str) else NOBODY for one in found["assignee"].fillna(found["assignee_label"])]


@st.dialog("Assign", width="large", on_dismiss=dialogs.close)
def assign(actor: Actor, found: pd.DataFrame) -> None:
    """The colleague, or nobody, and who has each ticket now."""
    by_label = {NOBODY: None} | {label: key for key, label in known.colleagues(actor).items()}
    label = st.selectbox("Assignee", list(by_label), index=None, key="assign_choice", placeholder="Choose a colleague")
    before = owners(found)
    preview.show(found, before, [label] * len(found) if label else before)
    st.caption("An open ticket that is assigned goes into progress.")
    if st.button("Assign", key="assign_submit", type="primary", disabled=label is None) and label is not None:
        preview.run(actor, found, bulk.assign_many, assignee_id=by_label[label])


@st.dialog("Quick assign", width="large", on_dismiss=dialogs.close)
def quick(actor: Actor, found: pd.DataFrame) -> None:
    """The rule, the team, and whom each ticket would go to now."""
    teams = {name: key for key, name in known.teams(actor).items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by: assigning.By = st.selectbox("To", list(words.QUICK), key="quick_by", format_func=words.QUICK.__getitem__)
        team = st.selectbox("Of the team", list(teams), index=None, key="quick_team", placeholder="All agents")
    team_id = teams[team] if team else None
    plan = assigning.preview(actor, preview.ids(found), by=by, team_id=team_id).set_index("ticket_id")
    rows = found[found["id"].isin(plan.index)]
    then = plan.loc[rows["id"]]
    before = owners(rows)
    after = [name if isinstance(name, str) else now for name, now in zip(then["name"], before, strict=True)]
    preview.show(rows, before, after, list(then["problem"].fillna("")))
    st.caption("Whoever is away or at full load gets none. Loads may move until you press the button.")
    if st.button("Assign", key="quick_submit", type="primary", disabled=bool(then["name"].isna().all())):
        preview.run(actor, rows, assigning.quick, by=by, team_id=team_id)
