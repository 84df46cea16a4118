"""Reliability: what was promised, what went wrong, and who is told."""
