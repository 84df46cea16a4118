"""Root cause, post-mortem, action items."""
