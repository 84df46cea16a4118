"""Queue: find tickets, work through them by keyboard, change many at once."""

from pages._parts.frame import begin_page
from pages.support._queue import page

page.show(begin_page("support/queue"))
