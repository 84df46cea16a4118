"""Incidents: what runs now, find others, declare and merge."""

from pages._parts.frame import begin_page
from pages.reliability._incidents import page

page.show(begin_page("reliability/incidents"))
