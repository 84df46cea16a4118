"""Prerequisites: flags that must serve a chosen variant first."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.platform.flags import queries
from pages.platform._flags import draft
from pages.platform._flags.draft import Draft

MOST_FLAGS = 200


def edit(actor: Actor, edited: Draft, flag: dict[str, Any]) -> None:
    """Flags that must serve one of the chosen variants first."""
    rows = edited.values["prerequisites"]
    known = queries.directory(actor, queries.Filters(), limit=MOST_FLAGS).frame
    keys = [key for key in sorted(known["key"]) if key != flag["key"]]
    for one in rows:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            _prerequisite(actor, edited, one, keys)
            st.button(
                "", key=edited.key(one["uid"], "remove"), icon=":material/close:", type="tertiary",
                help="Remove this prerequisite", on_click=rows.remove, args=(one,),
            )  # fmt: skip
    st.button(
        "Add prerequisite", key=edited.key("add_prerequisite"), icon=":material/add:", type="tertiary",
        on_click=lambda: rows.append(draft.row(flag="", variants=[])),
    )  # fmt: skip


def _prerequisite(actor: Actor, edited: Draft, one: dict[str, Any], keys: list[str]) -> None:
    options = [*keys, *([] if one["flag"] in ("", *keys) else [one["flag"]])]
    chosen = st.selectbox(
        "Flag", options, options.index(one["flag"]) if one["flag"] else None, key=edited.key(one["uid"], "flag"),
        placeholder="Choose a flag, or type its key", accept_new_options=True, width=280,
    )  # fmt: skip
    if (chosen or "") != one["flag"]:
        one.update(flag=chosen or "", variants=[])
    variants = _variants(actor, one["flag"])
    one["variants"] = st.multiselect(
        "serves", list(dict.fromkeys([*variants, *one["variants"]])), one["variants"],
        key=edited.key(one["uid"], "variants", one["flag"]), placeholder="Choose variants",
    )  # fmt: skip


def _variants(actor: Actor, key: str) -> list[str]:
    try:
        return list(queries.one(actor, UUID(str(queries.by_key(actor, key))))["variants"]) if key else []
    except NotFound:
        return []
