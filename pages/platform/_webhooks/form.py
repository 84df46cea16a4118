"""The fields of an endpoint, for creating and editing."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.platform.webhooks import rules
from core.platform.webhooks.catalogue import catalogue
from pages.platform._webhooks import texts

FRESH: dict[str, Any] = {
    "name": "", "url": "", "events": [], "sends_iris_headers": False, "is_ordered": False, "retry_after_s": None,
    "timeout_s": rules.TIMEOUT_S, "max_concurrency": rules.MAX_CONCURRENCY,
}  # fmt: skip
_STANDARD = rules.show_schedule(rules.SCHEDULE)


def choices(*, for_tenant: bool, chosen: Sequence[str] = ()) -> list[str]:
    """All, then each kind of thing with its pattern and its events; with what is chosen already, whatever it is."""
    known = [kind.name for kind in catalogue().values() if kind.for_tenants or not for_tenant]
    offered = ["*"]
    for resource in dict.fromkeys(name.partition(".")[0] for name in known):
        offered += [f"{resource}.*", *(name for name in known if name.startswith(f"{resource}."))]
    return [*offered, *(one for one in chosen if one not in offered)]


def main(given: Mapping[str, Any], *, for_tenant: bool, key: str) -> dict[str, Any]:
    """Name, URL and events."""
    name = st.text_input(
        "Name", given["name"], key=f"{key}_name", max_chars=rules.MAX_NAME, placeholder="Billing of Acme"
    )
    url = st.text_input(
        "URL", given["url"], key=f"{key}_url", max_chars=rules.MAX_URL, placeholder="https://example.com/hook",
        help="It is called by POST. https with a valid certificate, a public address, no user name or password.",
    )  # fmt: skip
    events = st.multiselect(
        "Events", choices(for_tenant=for_tenant, chosen=given["events"]), list(given["events"]), key=f"{key}_events",
        format_func=texts.event_choice, placeholder="Choose from the catalogue",
        help="Patterns such as tenants.* include events that later releases add.",
    )  # fmt: skip
    return {"name": name, "url": url, "events": events}


def advanced(given: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """How it is sent; `schedule` is text, which `values` reads."""
    schedule = st.text_input(
        "Pauses before each attempt", rules.show_schedule(given["retry_after_s"] or ()), key=f"{key}_schedule",
        placeholder=_STANDARD, help=f"Such as 0, 5s, 5m, 2h. Empty is the standard: {_STANDARD}.",
    )  # fmt: skip
    left, right = st.columns(2)
    timeout = left.number_input("Timeout in seconds", 1, 60, given["timeout_s"], key=f"{key}_timeout")
    most = right.number_input("Calls at once", 1, 100, given["max_concurrency"], key=f"{key}_most")
    ordered = st.checkbox(
        "Keep the order of events", given["is_ordered"], key=f"{key}_ordered",
        help="One message at a time: one that fails holds up those behind it.",
    )  # fmt: skip
    iris = st.checkbox(
        "Send X-Iris-Signature and X-Iris-Event too", given["sends_iris_headers"], key=f"{key}_iris",
        help="For receivers that were written for the Iris format; the standard's headers are always sent.",
    )  # fmt: skip
    return {
        "schedule": schedule, "timeout_s": int(timeout), "max_concurrency": int(most), "is_ordered": ordered,
        "sends_iris_headers": iris,
    }  # fmt: skip


def values(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the actions take it. Raises Invalid for a schedule that cannot be read."""
    rest = {name: value for name, value in typed.items() if name != "schedule"}
    return rest | {"retry_after_s": rules.parse_schedule(typed["schedule"])}
