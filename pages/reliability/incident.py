"""Incident: what is wrong, who works on it, what happened, whom it hits, and what is told."""

from pages._parts.frame import begin_page
from pages.reliability._incident.page import show

show(begin_page("reliability/incident"))
