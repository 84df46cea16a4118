"""The form of a silence: of one alert's rule and subject, or of whatever is chosen."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import streamlit as st

from core.health.alerts import queries, silence_actions
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now
from pages._parts.frame import run_action, zone
from pages.health._alerts import words
from pages.health._alerts.dialogs import dialogs

CREATE = "create_silence"
LENGTHS = {
    "1 hour": timedelta(hours=1), "4 hours": timedelta(hours=4), "1 day": timedelta(days=1), "1 week": timedelta(days=7),
    "Until a time": None,
}  # fmt: skip


@st.dialog("Create silence", width="medium", on_dismiss=dialogs.close)
def create(actor: Actor, alert: dict[str, Any] | None) -> None:
    """With an alert, its rule and subject are filled in."""
    st.write("Alerts that match are kept and told to nobody. What was told before is still told to be over.")
    length = st.segmented_control("For how long", list(LENGTHS), default="1 hour", key="silence_length", required=True)
    with st.form("silence_form", border=False):
        typed = _matchers(actor, alert)
        span = LENGTHS[length]
        ends_at = _until(actor) if span is None else utc_now() + span
        reason = st.text_area("Reason", key="silence_reason", max_chars=500, placeholder="We move the database tonight")
        if st.form_submit_button("Create silence", type="primary", key="silence_submit"):
            run_action(_create, actor, typed, ends_at, reason, done=dialogs.closing("Silenced."))


def _matchers(actor: Actor, alert: dict[str, Any] | None) -> dict[str, Any]:
    rules = queries.rules(actor) if actor.may("alert_rules:read") else None
    listed = zip(rules["id"], rules["name"], strict=True) if rules is not None else ()
    names: dict[UUID, str] = {UUID(str(key)): name for key, name in listed}
    if alert is not None:
        names.setdefault(alert["rule_id"], alert["rule"])
    chosen = st.multiselect(
        "Rules", list(names), [alert["rule_id"]] if alert else [], key="silence_rules", format_func=names.__getitem__,
        placeholder="Any rule",
    )  # fmt: skip
    left, right = st.columns(2)
    areas = left.multiselect(
        "Areas", words.areas(), key="silence_areas", format_func=words.area, placeholder="Any area"
    )
    severities = right.multiselect(
        "Severities", list(words.SEVERITIES), key="silence_severities", placeholder="Any severity",
        format_func=lambda one: words.SEVERITIES[one][0],
    )  # fmt: skip
    subject = st.text_input(
        "Subject", (alert or {}).get("subject") or "", key="silence_subject", max_chars=200, placeholder="Any, or such as api-*",
        help="* stands for any characters.",
    )  # fmt: skip
    return {"rule_ids": chosen, "areas": areas, "severities": severities, "subject_pattern": subject.strip() or None}


def _until(actor: Actor) -> datetime | None:
    local = (utc_now() + timedelta(hours=8)).astimezone(zone(actor)).replace(second=0, microsecond=0, tzinfo=None)
    picked: datetime | None = st.datetime_input("Until", local, key="silence_until", step=timedelta(minutes=5))
    return picked.replace(tzinfo=zone(actor)) if picked else None


def _create(actor: Actor, typed: dict[str, Any], ends_at: datetime | None, reason: str) -> Any:
    if ends_at is None:
        raise Invalid("Say until when.")
    return silence_actions.create(actor, ends_at=ends_at, reason=reason, **typed)
