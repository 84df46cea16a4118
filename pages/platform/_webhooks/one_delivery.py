"""One delivery: what is sent, and every attempt with what came back."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from core.platform.webhooks import actions, queries
from pages._parts.frame import live, run_action, zone
from pages._parts.moments import UNKNOWN, clock, milliseconds
from pages.platform._webhooks import exchange, texts


def show(actor: Actor, key: str) -> None:
    """The delivery with that id, or a sentence when there is none in sight."""
    if st.button("Back", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["delivery"]
        st.rerun()
    try:
        delivery = queries.delivery(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This delivery does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    _state(actor, delivery["id"])
    if actor.may("webhooks:update"):
        _acts(actor, delivery)
    with st.expander("Body", icon=":material/data_object:", expanded=True):
        st.code(texts.pretty(delivery["body"]), language="json", wrap_lines=True)
    _attempts(actor, delivery["id"], delivery["body"])


@live("2s")
def _state(actor: Actor, delivery_id: UUID) -> None:
    delivery, now, where = queries.delivery(actor, delivery_id), utc_now(), zone(actor)
    word, colour = texts.STATUSES[delivery["status"]]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(delivery["event_type"], anchor=False, width="content")
        st.badge(word, color=colour)
    _to(delivery)
    due = clock(delivery["next_attempt_at"], where, now=now) if delivery["status"] == "waiting" else UNKNOWN
    finished = clock(delivery["finished_at"], where, now=now) if delivery["finished_at"] else UNKNOWN
    with st.grid(4, gap="small", min_column_width=180):
        st.metric("Created", clock(delivery["created_at"], where, now=now), border=True)
        st.metric(
            "Attempts", f"{delivery['attempts']:,}", border=True, help="Of the present round; a replay begins anew."
        )
        st.metric("Next attempt", "Now" if _is_due(delivery) else due, border=True)
        st.metric("Finished", finished, border=True)


def _is_due(delivery: dict[str, Any]) -> bool:
    return bool(delivery["status"] == "waiting" and delivery["next_attempt_at"] <= utc_now())


def _to(delivery: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if delivery["webhook"]:
            query = {"webhook": str(delivery["webhook_id"])}
            name = texts.plain(delivery["webhook"])
            st.page_link("platform/webhooks.py", label=f"To {name}", icon=":material/webhook:", query_params=query)
        else:
            st.caption("To a webhook that was deleted.")
        st.caption(f"webhook-id `{delivery['message_id']}`")
        if delivery["replayed_at"]:
            st.caption("sent again on demand")


def _acts(actor: Actor, delivery: dict[str, Any]) -> None:
    row = st.container(horizontal=True)
    if row.button("Retry", key="retry_one", icon=":material/replay:", type="primary"):
        run_action(actions.retry, actor, [delivery["id"]], done="It is sent again.")
    is_waiting = delivery["status"] == "waiting"
    if is_waiting and row.button("Cancel", key="cancel_one", icon=":material/cancel:"):
        run_action(actions.cancel, actor, [delivery["id"]], done="Cancelled.")


@live("2s")
def _attempts(actor: Actor, delivery_id: UUID, body: str) -> None:
    st.subheader("Attempts", anchor=False)
    found = queries.attempts(actor, delivery_id)
    if found.empty:
        st.info("It was not tried yet.", icon=":material/hourglass_top:")
        return
    now, where = utc_now(), zone(actor)
    rows = found.to_dict("records")
    for place, row in reversed(list(enumerate(rows))):
        icon = ":material/check_circle:" if row["is_success"] else ":material/error:"
        said = texts.plain(texts.answer(row["status"], row["error"]))
        label = (
            f"Attempt {row['number']} at {clock(row['at'], where, now=now)}: {said}, {milliseconds(row['duration_ms'])}"
        )
        with st.expander(label, icon=icon, expanded=place == len(rows) - 1, key=f"attempt_{place}"):
            st.caption(f"Sent by {texts.plain(row['sent_by'])}")
            exchange.show(row, body=body)
