"""SLA report: what one customer was promised and given in a month, as a page, a PDF and a workbook."""

import streamlit as st

from core.kernel.errors import NotFound
from core.reliability.sla import report
from pages._parts.frame import begin_page
from pages.reliability._sla_report import choosing, files, shown

actor = begin_page("reliability/sla_report")
bar = st.container(horizontal=True, vertical_alignment="bottom")
with bar:
    month = choosing.month()
found = report.choices(actor, month)
if found.empty:
    st.info(
        "Nothing was measured in this month. Choose another one; measuring begins with the first active contract.",
        icon=":material/summarize:",
    )
    st.stop()
with bar:
    contract_id, is_asked = choosing.contract(found)
if not is_asked:
    st.warning(
        "That customer has no figures of this month in your sight. This is another one.", icon=":material/search_off:"
    )
try:
    told = report.gather(actor, contract_id, month)
except NotFound as error:
    st.warning(str(error), icon=":material/search_off:")
    st.stop()
with bar:
    files.offer(actor, told)
shown.show(told)
