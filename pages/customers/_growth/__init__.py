"""The panels of the growth page."""
