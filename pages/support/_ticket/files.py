"""Files of a ticket: given out as downloads alone, taken in with a message."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.files import MAX_BYTES
from core.support.tickets import attachments
from pages._parts.downloading import deferred
from pages._parts.moments import size

_STORED = "ticket_files_stored"
ANY_FILE = "application/octet-stream"  # nothing that a browser would open by itself


def downloads(actor: Actor, attached: pd.DataFrame) -> None:
    """A button per file; its content is read after the click."""
    if attached.empty:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for row in attached.to_dict("records"):
            st.download_button(
                f"{_label(row['name'])} ({size(row['size_bytes'])})", _content(actor, UUID(row["id"])), row["name"], ANY_FILE,
                key=f"file_{row['id']}", icon=":material/attach_file:", on_click="ignore", help=row["media_type"],
            )  # fmt: skip


def _label(name: str, most: int = 60) -> str:
    told = name if len(name) <= most else f"{name[: most - 12]}…{name[-11:]}"
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>$~:" else letter for letter in told)


def _content(actor: Actor, file_id: UUID) -> Callable[[], bytes]:
    return deferred(actor, lambda present: attachments.open(present, file_id).content)


def choose(key: str) -> list[Any]:
    """Files to send along."""
    most = MAX_BYTES // (1024 * 1024)
    return st.file_uploader(
        "Files", accept_multiple_files=True, key=key, max_upload_size=most, label_visibility="collapsed",
        help=f"At most {most} MB each. What a file is, its content says.",
    )  # fmt: skip


def stored(actor: Actor, chosen: Iterable[Any]) -> Sequence[UUID]:
    """Keeps the files and returns their ids; one that was kept at an earlier attempt is not kept twice."""
    known: dict[str, UUID] = st.session_state.setdefault(_STORED, {})
    for one in chosen:
        if one.file_id not in known:
            known[one.file_id] = attachments.store(actor, name=one.name, content=one.getvalue())
    return [known[one.file_id] for one in chosen]
