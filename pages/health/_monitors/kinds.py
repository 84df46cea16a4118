"""The fields of each kind of monitor. What is left empty takes the kind's own default."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.health.monitors import settings

_DAYS_HELP = "Degraded when the certificate expires within so many days. Empty: not looked at."


def fields(kind: str, given: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """The settings of the kind as typed; those of `given` to begin with."""
    return _FIELDS[kind](given, f"{key}_{kind}")


def _slow(given: Mapping[str, Any], key: str) -> int | None:
    return _number(
        "Degraded above (ms)", given.get("slow_ms"), 1, 60_000, f"{key}_slow",
        "An answer that takes longer counts as degraded. Empty: never.",
    )  # fmt: skip


def _number(label: str, value: int | None, low: int, high: int, key: str, told: str) -> int | None:
    typed = st.number_input(label, low, high, value, key=key, help=told, placeholder="Never")
    return None if typed is None else int(typed)


def _http(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    url = st.text_input(
        "URL", given.get("url", ""), key=f"{key}_url", placeholder="https://example.com/healthz", max_chars=2000
    )
    left, middle, right = st.columns(3)
    method = left.selectbox(
        "Method", settings.METHODS, settings.METHODS.index(given.get("method", "GET")), key=f"{key}_method"
    )
    statuses = middle.text_input(
        "Statuses that are up", given.get("statuses", "200-299"), key=f"{key}_statuses", help="Such as 200-299, 301."
    )
    with right:
        slow = _slow(given, key)
    left, right = st.columns(2)
    contains = left.text_input(
        "Must contain", given.get("contains") or "", key=f"{key}_contains", placeholder="Text of the body"
    )
    lacks = right.text_input(
        "Must not contain", given.get("not_contains") or "", key=f"{key}_lacks", placeholder="Such as: Fatal error"
    )
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    follows = left.checkbox("Follow redirects", given.get("follows_redirects", False), key=f"{key}_follows")
    verifies = middle.checkbox("Verify the certificate", given.get("verifies_certificate", True), key=f"{key}_verifies")
    with right:
        days = _number("Certificate warning (days)", given.get("expires_days", 14), 0, 365, f"{key}_days", _DAYS_HELP)
    return {
        "url": url, "method": method, "statuses": statuses, "contains": contains, "not_contains": lacks, "slow_ms": slow,
        "follows_redirects": follows, "verifies_certificate": verifies, "expires_days": days,
    }  # fmt: skip


def _host_and_port(given: Mapping[str, Any], key: str, port: int | None) -> dict[str, Any]:
    left, right = st.columns([3, 1])
    host = left.text_input("Host", given.get("host", ""), key=f"{key}_host", placeholder="db.example.com")
    typed = right.number_input("Port", 1, 65_535, given.get("port", port), key=f"{key}_port", placeholder="5432")
    return {"host": host, "port": None if typed is None else int(typed)}


def _tcp(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    return _host_and_port(given, key, None) | {"slow_ms": _slow(given, key)}


def _dns(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    left, right = st.columns([3, 1])
    name = left.text_input("Name", given.get("name", ""), key=f"{key}_record", placeholder="example.com")
    kinds = settings.RECORD_TYPES
    record = right.selectbox("Record", kinds, kinds.index(given.get("record_type", "A")), key=f"{key}_type")
    expects = st.text_area(
        "Expected answers", "\n".join(given.get("expects", ())), key=f"{key}_expects", height=80,
        placeholder="One a line. Empty: any answer will do.",
    )  # fmt: skip
    left, middle, right = st.columns([2, 1, 1])
    server = left.text_input(
        "Name server", given.get("server") or "", key=f"{key}_server", placeholder="The system's own"
    )
    port = middle.number_input("Its port", 1, 65_535, given.get("port", 53), key=f"{key}_port")
    with right:
        slow = _slow(given, key)
    return {
        "name": name, "record_type": record, "expects": expects.splitlines(), "server": server, "port": int(port),
        "slow_ms": slow,
    }  # fmt: skip


def _tls(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    place = _host_and_port(given, key, 443)
    left, middle, right = st.columns([2, 1, 1])
    server_name = left.text_input(
        "Server name", given.get("server_name") or "", key=f"{key}_sni", placeholder="The host",
        help="The name on the certificate, where it is not the host.",
    )  # fmt: skip
    with middle:
        days = _number("Warning (days)", given.get("expires_days", 14), 0, 365, f"{key}_days", _DAYS_HELP)
    with right:
        slow = _slow(given, key)
    return place | {"server_name": server_name, "expires_days": days, "slow_ms": slow}


def _push(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    st.caption("What it watches calls a URL of ours at least once per interval. The URL is shown when it is created.")
    grace = st.number_input(
        "Grace (s)", 0, 86_400, given.get("grace_s", 30), key=f"{key}_grace",
        help="So much later than the interval a call may come before it is down.",
    )  # fmt: skip
    return {"grace_s": int(grace)}


_FIELDS: dict[str, Callable[[Mapping[str, Any], str], dict[str, Any]]] = {
    "http": _http, "tcp": _tcp, "dns": _dns, "tls": _tls, "push": _push,
}  # fmt: skip
