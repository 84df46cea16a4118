"""SLA customer: one contract's budget, its time line of violations and incidents, months and their reports."""

from pages._parts.frame import begin_page
from pages.reliability._sla_customer import page

actor = begin_page("reliability/sla_customer")
page.show(actor)
