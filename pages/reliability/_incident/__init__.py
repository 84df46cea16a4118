"""One incident: what it is, what is done, what happened, whom it hits, what is told."""
