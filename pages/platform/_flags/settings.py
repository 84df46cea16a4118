"""What a flag is in every environment: name, owner, expiry, variants, settings, protection."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import actions, queries
from pages._parts.frame import run_action
from pages.platform._flags import variants, words
from pages.platform._flags.texts import parsed

REVIEWED = ("variants", "off_variant", "config", "unit", "is_protected")


def owner(actor: Actor, chosen: Any, *, key: str) -> UUID | None:
    """One of the operators in service, or nobody."""
    people = queries.owners(actor)
    names = dict(zip(people["id"].astype(str), people["name"], strict=True))
    options = [*names, *([] if chosen is None or str(chosen) in names else [str(chosen)])]
    picked = st.selectbox(
        "Owner", options, options.index(str(chosen)) if chosen is not None else None, key=key, placeholder="Nobody",
        format_func=lambda one: names.get(one, "Not in service any more"),
    )  # fmt: skip
    return UUID(picked) if picked else None


def edit(actor: Actor, flag: dict[str, Any]) -> None:
    """Opens the form with the flag's own values."""
    st.session_state["edit_variants"] = variants.start(flag["kind"], flag["variants"])
    form(actor, flag)


@st.dialog("Settings of the flag", width="large", icon=":material/tune:")
def form(actor: Actor, flag: dict[str, Any]) -> None:
    """Everything but the key and the kind, which code relies on."""
    rows = st.session_state.setdefault("edit_variants", variants.start(flag["kind"], flag["variants"]))
    values = _asked(actor, flag)
    if flag["kind"] != "boolean":
        variants.edit(flag["kind"], rows, "edit")
    off_variants = [row["name"] for row in rows]
    chosen = off_variants.index(flag["off_variant"]) if flag["off_variant"] in off_variants else 0
    values["off_variant"] = st.selectbox(
        "Variant when off", off_variants, chosen, key="edit_off", disabled=flag["kind"] == "boolean"
    )
    config = st.text_area(
        "Settings that go with it (JSON)",
        words.pretty(flag["config"]) if flag["config"] else "",
        key="edit_config",
        placeholder='{"limit": 5}',
    )
    explanation = ""
    if flag["is_protected"]:
        st.caption(
            ":material/shield: Protected: a change of variants, settings, unit or protection is proposed to a second person, "
            "with everything else that you change here."
        )
        explanation = st.text_input("Explanation of the proposal", key="edit_explanation", max_chars=2_000)
    if st.button("Save", type="primary", key="edit_submit"):
        run_action(_save, actor, flag, rows, values, config=config, explanation=explanation, done=str)


def _asked(actor: Actor, flag: dict[str, Any]) -> dict[str, Any]:
    name = st.text_input("Name", flag["name"], key="edit_name", max_chars=200)
    description = st.text_area("Description", flag["description"], key="edit_description", max_chars=2_000, height=80)
    left, middle, right = st.columns(3)
    with left:
        owner_id = owner(actor, flag["owner_id"], key="edit_owner")
    expires_on = middle.date_input("Expires on", flag["expires_on"], key="edit_expires_on", format="YYYY-MM-DD")
    unit = right.selectbox(
        "Percentages count", queries.UNITS, queries.UNITS.index(flag["unit"]), format_func=words.UNITS.__getitem__,
        key="edit_unit", help="Another unit deals the places anew: who has the flag changes.",
    )  # fmt: skip
    is_protected = st.toggle(
        "Protected",
        flag["is_protected"],
        key="edit_protected",
        help="In production a second person approves each change.",
    )
    return {
        "name": name, "description": description, "owner_id": owner_id, "expires_on": expires_on, "unit": unit,
        "is_protected": is_protected,
    }  # fmt: skip


def _save(
    actor: Actor, flag: dict[str, Any], rows: variants.Rows, values: dict[str, Any], *, config: str, explanation: str
) -> str:
    """Saves, or proposes when a second person has to approve one of the changes. Says which it was."""
    wanted = values | {"config": parsed(config, "config", "What you wrote as settings") or {}}
    if flag["kind"] != "boolean":
        wanted["variants"] = variants.read(flag["kind"], rows)
    changed = {name: value for name, value in wanted.items() if _text(value) != _text(flag[name])}
    if not changed:
        return "Nothing changed."
    if flag["is_protected"] and not set(changed).isdisjoint(REVIEWED):
        actions.propose(actor, flag["id"], "production", content={"flag": changed}, explanation=explanation)
        return "Proposed. Somebody else can approve it now."
    actions.update(actor, flag["id"], version=flag["version"], **changed)
    return "Saved."


def _text(value: Any) -> str:
    return "" if value is None else words.compact(value)
