"""Post-mortems: which incidents were looked back on, and what is still to be done."""

from pages._parts.frame import begin_page
from pages.reliability._review import overview

overview.show(begin_page("reliability/post_mortems"))
