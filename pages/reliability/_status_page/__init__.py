"""Parts of the status page."""
