"""Which tenant a view is about, kept in the address."""

from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from pages.platform._flags import tenants


def choose(actor: Actor, label: str, parameter: str) -> UUID | None:
    """The chosen tenant's id, or None while none is chosen."""
    known = st.query_params.get(parameter)
    picked = tenants.pick(actor, label, key=f"config_{parameter}", chosen=known)
    if not picked:
        st.query_params.pop(parameter, None)
        return None
    try:
        found = tenants.required(actor, picked)
    except Invalid as error:
        st.warning(str(error), icon=":material/error:")
        return None
    if found != known:
        st.query_params[parameter] = found
        st.query_params.pop("setting", None)
    return UUID(found)
