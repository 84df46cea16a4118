"""What one context gets of one flag, and why."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Invalid
from core.platform.flags import queries
from pages._parts.moments import UNKNOWN
from pages.platform._flags import tenants, words

MOST_FLAGS = 200


def show(actor: Actor, environment: str) -> None:
    """Asks for flag, environment and context; says variant, value, reason and place in the rollout."""
    known = queries.directory(actor, queries.Filters(), limit=MOST_FLAGS).frame
    if known.empty:
        st.info("There are no flags yet.", icon=":material/inbox:")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        key = st.selectbox(
            "Flag",
            sorted(known["key"]),
            None,
            key="evaluate",
            bind="query-params",
            placeholder="Choose a flag",
            accept_new_options=True,
        )
        tenant_id = tenants.pick(actor, "Tenant", key="evaluate_tenant")
        user_id = st.text_input("User id", key="evaluate_user")
        extra = st.text_area(
            "Attributes",
            key="evaluate_attributes",
            placeholder="app_version=2.4.1\nbeta=true",
            help="One per line, as key=value. Numbers, true and false are read as such.",
            height=120,
        )
    with right:
        if not key:
            st.info("Choose a flag and whom you ask for.", icon=":material/arrow_back:")
            return
        try:
            _answer(actor, key, environment, _context(actor, tenant_id, user_id, extra))
        except ExpectedError as error:
            st.error(words.plain(error), icon=":material/error:")


def _context(actor: Actor, tenant_id: str | None, user_id: str, extra: str) -> dict[str, Any]:
    given: dict[str, Any] = attributes(extra)
    if tenant_id:
        given["tenant_id"] = tenants.required(actor, tenant_id)
    if user_id.strip():
        given["user_id"] = user_id.strip()
    return given


def attributes(text: str) -> dict[str, Any]:
    """The attributes of key=value lines; empty lines do not count. Raises Invalid for a line without a key or a =."""
    found: dict[str, Any] = {}
    for place, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, sign, value = line.partition("=")
        if not sign or not name.strip():
            raise Invalid(f"Line {place} is not like key=value.")
        found[name.strip()] = _typed(value.strip())
    return found


def _typed(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _answer(actor: Actor, key: str, environment: str, context: dict[str, Any]) -> None:
    flag_id = UUID(str(queries.by_key(actor, key)))
    answer = queries.explain(actor, flag_id, environment, context)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(answer["variant"] or UNKNOWN, anchor=False)
            st.badge(answer["reason"], color="red" if answer["error_code"] else "gray")
        st.markdown(words.plain(answer["sentence"]))
        st.code(words.pretty(answer["value"]), language="json")
        if answer["config"]:
            st.caption("Settings that go with it")
            st.code(words.pretty(answer["config"]), language="json")
        _place(answer["bucket"], float(queries.environments(actor, flag_id)[environment]["rollout_percentage"]))
    st.caption("Asked with")
    st.code(
        "\n".join(f"{name} = {words.compact(value)}" for name, value in answer["context"].items()) or "nothing",
        language=None,
    )
    st.page_link(
        "platform/flags.py",
        label="Open the flag",
        icon=":material/flag:",
        query_params={"flag": str(flag_id), "env": environment.capitalize()},
    )


def _place(bucket: float | None, rollout: float) -> None:
    """Where the context lies between 0 and 100 %, against the rollout."""
    if bucket is None:
        st.caption("Without a tenant or user there is no place in the rollout.")
        return
    side = "inside" if bucket < rollout else "outside"
    st.progress(min(bucket / 100, 1.0), f"Place {bucket:.3f} % · {side} of the rollout to {words.share(rollout)}")
