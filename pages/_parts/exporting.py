"""The one button by which rows leave the portal as a file: it asks the audited action first."""

import queue
from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

import streamlit as st

from core.data.exports import actions, rules
from core.data.exports.actions import Make
from core.data.exports.rules import Format
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.logs import bound
from core.kernel.times import utc_now
from pages._parts.downloading import present_again
from pages._parts.frame import run_action
from pages._parts.moments import size

# Longer than the statement timeout of a part, so that the sentence of a slow one still arrives.
_PATIENCE_S = 120.0
# The file is asked for by a message of its own, which comes to nothing when the page was drawn anew at that moment.
_BEGIN_S = 10.0
Said = tuple[Literal["begun", "done", "refused"], str]


def button(
    actor: Actor, name: str, make: Make, *, filters: dict[str, Any], tenant_id: UUID | None = None, key: str = "export"
) -> None:
    """Offers CSV, Excel and JSON of what `make(actor)` reads: a frame, or frames one after the other.

    `make` runs in another thread after the click, as the operator with the rights he has then. `name` and `filters` go to
    the audit, as do columns, rows and format.
    """
    with st.popover("Export", icon=":material/download:", key=f"{key}_popover"):
        _choice(actor, name, make, filters, tenant_id, key)


@st.fragment
def _choice(actor: Actor, name: str, make: Make, filters: dict[str, Any], tenant_id: UUID | None, key: str) -> None:
    form: Format = st.segmented_control(
        "Format",
        list(rules.FORMATS),
        default="csv",
        key=f"{key}_format",
        format_func=rules.FORMATS.__getitem__,
        required=True,
    )
    st.caption(
        f"What the filters show, at most {rules.MAX_ROWS:,} rows. Times are in UTC. The audit keeps who took what."
    )
    wanted = _Wanted(name, form, make, filters, tenant_id)
    if not actor.may("exports:create"):
        if st.button("Download", key=f"{key}_refused", icon=":material/download:"):
            run_action(wanted.create, actor, done="")
        return
    box: queue.SimpleQueue[Said] = st.session_state.setdefault(f"{key}_said", queue.SimpleQueue())
    clicked = st.download_button(
        "Download", wanted.deferred(present_again(actor), box.put), rules.file_name(rules.clean_name(name), form, utc_now()),
        rules.MIME[form], key=f"{key}_download", type="primary", icon=":material/download:",
    )  # fmt: skip
    if clicked:
        _outcome(box)
    else:
        _drain(box)


def _outcome(box: "queue.SimpleQueue[Said]") -> None:
    """Waits for the file that is being made, and says how it went."""
    with st.spinner("Writing the file"):
        state, said = _wait(box)
    if state == "done":
        st.success(said, icon=":material/check_circle:")
    else:
        st.error(said, icon=":material/error:")


def _wait(box: "queue.SimpleQueue[Said]") -> Said:
    try:
        state, said = box.get(timeout=_BEGIN_S)
    except queue.Empty:
        return "refused", "The file was not begun. Press Download again."
    try:
        return box.get(timeout=_PATIENCE_S) if state == "begun" else (state, said)
    except queue.Empty:
        return "refused", "The file is not ready after two minutes. Narrow the filters and try again."


def _drain(box: "queue.SimpleQueue[Said]") -> None:
    """Forgets what came too late to be waited for."""
    while not box.empty():
        box.get()


class _Wanted:
    """One file that may be asked for."""

    def __init__(self, name: str, form: Format, make: Make, filters: dict[str, Any], tenant_id: UUID | None) -> None:
        self._given: dict[str, Any] = {
            "name": name,
            "form": form,
            "make": make,
            "filters": filters,
            "tenant_id": tenant_id,
        }

    def create(self, actor: Actor) -> actions.Export:
        return actions.create(actor, **self._given)

    def deferred(self, look_up: Callable[[], Actor], say: Callable[[Said], None]) -> Callable[[], bytes]:
        """What Streamlit calls when the file is asked for. The sentence goes to the page, which waits for it."""

        def make_file() -> bytes:
            say(("begun", ""))
            try:
                present = look_up()
                with bound(request_id=present.request_id):
                    made = self.create(present)
            except ExpectedError as error:
                say(("refused", str(error)))
                raise
            except Exception:
                say(("refused", "The file could not be written. Try again; if it stays, tell the platform team."))
                raise
            say(("done", _told(made)))
            with made.file:
                return made.file.read()

        return make_file


def _told(made: actions.Export) -> str:
    row = made.row
    whole = f"{row.rows:,} row{'' if row.rows == 1 else 's'}, {size(row.size_bytes)}."
    return f"{whole} There are more: narrow the filters for the rest." if row.is_truncated else whole
