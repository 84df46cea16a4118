"""Ticket: what was said, what is to be done by when, and what was changed."""

from pages._parts.frame import begin_page
from pages.support._ticket import page

page.show(begin_page("support/ticket"))
