"""Incident figures: how fast incidents are taken and resolved, and how far apart they are."""

from pages._parts.frame import begin_page
from pages.reliability._review import figures

figures.show(begin_page("reliability/incident_figures"))
