"""Health overview: does everything work, what fires, how fast is the portal, and how was it over 90 days."""

from pages._parts.frame import begin_page
from pages.health._overview import days, failures, now, status, traffic

actor = begin_page("health/overview")

status.show(actor)
now.show(actor)
traffic.show(actor)
days.show(actor)
if actor.may("errors:read"):
    failures.show(actor)
