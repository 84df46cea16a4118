"""The audit trail: search it, seal it, prove it."""
