"""SLA alerts: what was told of contracts, and budgets that burn before anything is broken."""

from pages._parts.frame import begin_page
from pages.reliability._sla_alerts import burning, told

actor = begin_page("reliability/sla_alerts")
burning.show(actor)
told.show(actor)
