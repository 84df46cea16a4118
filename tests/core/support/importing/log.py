"""An incident log as pandas reads it: what tests compute on their own, past the portal's reading of it."""

from pathlib import Path

import pandas as pd

EXCERPT = Path(__file__).with_name("incidents.csv")
WHOLE = Path(__file__).parents[5] / "shared/data/uci_incidents/incident_event_log_5998.csv"
PRIORITIES = {"1": "urgent", "2": "high", "3": "medium", "4": "low"}
STATES = {"New": "open", "Active": "in_progress", "Resolved": "resolved", "Closed": "closed"}


def facts(path: Path) -> pd.DataFrame:
    """One row per incident, by number: status, priority, team, agent, category, opened, resolved, closed, reopened.

    Where a closed incident has no time of resolution, it is that at which it last went into the state Resolved.
    """
    rows = pd.read_csv(path, dtype=str, na_values=["?"], keep_default_na=False)
    rows["count"] = rows["sys_mod_count"].astype(int)
    for name in ("opened_at", "resolved_at", "closed_at", "sys_updated_at"):
        rows[name] = pd.to_datetime(rows[name], format="%d-%m-%Y %H:%M", utc=True)
    rows = rows.sort_values(["number", "count", "sys_updated_at"])
    is_new = rows["incident_state"] != rows.groupby("number")["incident_state"].shift()
    entered = rows[is_new & (rows["incident_state"] == "Resolved")].groupby("number")["sys_updated_at"].max()
    last = rows.groupby("number").tail(1).set_index("number").sort_index()
    status = last["incident_state"].map(lambda state: STATES.get(state, "waiting"))
    is_over = status.isin(["resolved", "closed"])
    found = pd.DataFrame({
        "status": status, "priority": last["priority"].str[0].map(PRIORITIES), "team": last["assignment_group"],
        "agent": last["assigned_to"], "category": last["category"].str.lower(), "opened": last["opened_at"],
        "resolved": last["resolved_at"].fillna(entered).where(is_over), "closed": last["closed_at"].where(status == "closed"),
        "reopened": last["reopen_count"].astype(int),
    })  # fmt: skip
    return found.assign(took=(found["resolved"] - found["opened"]).dt.total_seconds())


def cut(path: Path, to: Path, until: str) -> Path:
    """The log as it would have been at a time: without later rows."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    at = pd.to_datetime(rows["sys_updated_at"], format="%d-%m-%Y %H:%M")
    rows[at < until].to_csv(to, index=False)
    return to
