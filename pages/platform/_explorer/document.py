"""The OpenAPI document of this portal, and calls to it: over loopback, as any client would."""

import time
from dataclasses import dataclass
from typing import Any

import httpx
import streamlit as st

from core.kernel.settings import settings
from core.platform.explorer.requests import Call
from pages._parts import session

LARGEST_SHOWN = 200_000
TIMEOUT_S = 35
_ANYWHERE = ("", "0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` is None when nothing did, and `text` then says why."""

    status: int | None
    reason: str
    headers: tuple[tuple[str, str], ...]
    text: str
    took_ms: float


def own_address() -> str:
    """Where this web process listens, as seen from itself."""
    host = st.get_option("server.address") or ""
    folder = (st.get_option("server.baseUrlPath") or "").strip("/")
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    place = f"{scheme}://{'127.0.0.1' if host in _ANYWHERE else host}:{st.get_option('server.port')}"
    return f"{place}/{folder}" if folder else place


def public_address() -> str:
    """The portal's address for people, which goes into the examples."""
    return (settings().public_url or own_address()).rstrip("/")


def _client() -> httpx.Client:
    # The certificate names the public address and not the loopback one; the proxy of the machine is for other hosts.
    return httpx.Client(base_url=own_address(), timeout=TIMEOUT_S, verify=False, trust_env=False)


@st.cache_data(ttl=300, show_spinner=False)
def _fetched(address: str) -> dict[str, Any]:
    with _client() as client:
        answer = client.get("/api/v1/openapi.json", timeout=5)
    answer.raise_for_status()
    known: dict[str, Any] = answer.json()
    return known


def load() -> dict[str, Any] | None:
    """The document, or None when the API does not answer."""
    try:
        return _fetched(own_address())
    except (httpx.HTTPError, ValueError):
        return None


def forget() -> None:
    _fetched.clear()


def send(call: Call, key: str | None) -> Answer:
    """Makes the call with the key, or with the session of the operator in front of the page."""
    headers = [*call.headers, ("User-Agent", "Quarterdeck API explorer")]
    if key is not None:
        headers.append(("Authorization", f"Bearer {key}"))
    cookies = {} if key is not None else {session.COOKIE: session.token() or ""}
    content: dict[str, Any] = {} if call.body is None else {"json": call.body}
    started = time.perf_counter()
    try:
        with _client() as client:
            client.cookies.update(cookies)
            answer = client.request(call.method, call.target, headers=headers, **content)
    except (httpx.HTTPError, ValueError, UnicodeError) as error:
        return Answer(None, "", (), f"The call could not be made: {error}.", (time.perf_counter() - started) * 1000)
    took = (time.perf_counter() - started) * 1000
    known = tuple((name, value) for name, value in answer.headers.items() if name != "set-cookie")
    return Answer(answer.status_code, answer.reason_phrase, known, answer.text, took)
