"""What became of each of many rows, until it is put away."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.many import Outcome


def kept(kind: str, outcomes: Sequence[Outcome], names: Mapping[UUID, str]) -> Sequence[Outcome]:
    """Keeps them to be shown. `kind` is what they are, in the singular."""
    st.session_state[_key(kind)] = [(names[one.id], one.problem) for one in outcomes]
    return outcomes


def _key(kind: str) -> str:
    return f"{kind}_results"


def told(outcomes: Sequence[Outcome]) -> str:
    """One sentence of all."""
    failed = sum(1 for one in outcomes if one.problem)
    done = f"Done for {len(outcomes) - failed:,}."
    return done if not failed else f"{done} {failed:,} could not be changed."


def show(kind: str) -> None:
    """Those that could not be changed, or else all; nothing before, and after it was put away."""
    known: list[tuple[str, str | None]] = st.session_state.get(_key(kind), [])
    if not known:
        return
    failed = [(name, problem) for name, problem in known if problem]
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.write(f"Done for {len(known) - len(failed):,} of {len(known):,} {kind}s.")
            if st.button("Put away", key="many_results_close", type="tertiary", icon=":material/close:"):
                st.session_state.pop(_key(kind))
                st.rerun()
        rows = [(name, problem or "Done") for name, problem in (failed or known)]
        st.dataframe(
            pd.DataFrame(rows, columns=[kind.capitalize(), "Result"]), hide_index=True, key="many_results",
            height="content" if len(rows) < 6 else 220,
        )  # fmt: skip
