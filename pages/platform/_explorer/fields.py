"""A field for each parameter of an operation, after its schema."""

import json
from typing import Any

import streamlit as st

from core.platform.explorer.operations import Operation, Parameter

_TITLES = {"path": "In the path", "query": "In the query", "header": "Headers"}


def parameters(operation: Operation) -> dict[tuple[str, str], Any]:
    """What was typed, by (place, name)."""
    values: dict[tuple[str, str], Any] = {}
    for place, title in _TITLES.items():
        of_place = [one for one in operation.parameters if one.place == place]
        if not of_place:
            continue
        st.markdown(f"**{title}**")
        columns = st.columns(2)
        for number, one in enumerate(of_place):
            with columns[number % 2]:
                values[place, one.name] = _field(operation, one)
    return values


def _field(operation: Operation, one: Parameter) -> Any:
    label = one.name if one.is_required else f"{one.name} (optional)"
    known: dict[str, Any] = {"key": f"field_{operation.id}_{one.place}_{one.name}", "help": one.description or None}
    if one.choices and one.kind == "array":
        return st.multiselect(label, one.choices, **known)
    if one.choices or one.kind == "boolean":
        return st.selectbox(
            label, one.choices or (True, False), index=None, format_func=_text, placeholder="Not sent", **known
        )
    if one.kind == "integer":
        low, high = one.schema.get("minimum"), one.schema.get("maximum")
        return st.number_input(label, _bound(low), _bound(high), value=None, step=1, placeholder=_default(one), **known)
    return st.text_input(label, placeholder=_default(one), **known)


def _bound(value: Any) -> int | None:
    """What a browser's number can hold."""
    return int(value) if value is not None and abs(value) < 2**53 else None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _default(one: Parameter) -> str | None:
    known = one.schema.get("default")
    if known not in (None, ""):
        return str(known)
    examples = one.schema.get("examples")
    return str(examples[0]) if examples else None


def body(operation: Operation) -> str:
    """The JSON to send, beginning with the example; empty for a call that takes none."""
    if operation.example is None:
        return ""
    first = json.dumps(operation.example, indent=2, ensure_ascii=False)
    return st.text_area("Body (JSON)", first, height="content", key=f"body_{operation.id}")


def credentials() -> tuple[bool, str | None]:
    """Whether the call can be sent, and the key to send it with (None: the session)."""
    chosen = st.segmented_control(
        "Send as", ["Your session", "An API key"], default="Your session", key="send_as", required=True,
        help="The call is made by the portal to itself: with your own rights, or with those of a key.",
    )  # fmt: skip
    if chosen == "Your session":
        return True, None
    key = st.text_input("API key", type="password", key="api_key", placeholder="Paste it; it is sent and not stored")
    return bool(key.strip()), key.strip()
