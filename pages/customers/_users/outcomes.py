"""How an act on several people went: of each who was refused, why. It stays until it was read."""

import pandas as pd
import streamlit as st

from core.kernel.many import Outcome


def turn(key: str) -> int:
    """Grows with each act, so that the grid forgets its choice: rows may have moved since."""
    return int(st.session_state.get(f"{key}_turn", 0))


def forget(key: str, said: str) -> str:
    """Ends the choice, and hands the sentence on."""
    st.session_state[f"{key}_turn"] = turn(key) + 1
    return said


def keep(key: str, people: pd.DataFrame, found: list[Outcome], verb: str) -> str:
    """Keeps the refusals, by name, and returns how it went as a sentence."""
    names = dict(zip(people["id"], people["name"], strict=True))
    refused = [{"Name": names[str(one.id)], "Why": one.problem} for one in found if one.problem]
    st.session_state[f"{key}_refused"] = refused
    done = len(found) - len(refused)
    return forget(key, f"{verb} {done}." if not refused else f"{verb} {done}; {len(refused)} refused.")


def show(key: str) -> None:
    """The refusals of the last act, with a way to put them aside."""
    refused = st.session_state.get(f"{key}_refused")
    if not refused:
        return
    with st.container(border=True):
        st.warning(f"{len(refused)} could not be changed.", icon=":material/error:")
        st.dataframe(
            pd.DataFrame(refused), hide_index=True, key=f"{key}_refusals", height="content" if len(refused) < 8 else 280
        )
        if st.button("Dismiss", key=f"{key}_dismiss", icon=":material/close:"):
            st.session_state.pop(f"{key}_refused")
            st.rerun()
