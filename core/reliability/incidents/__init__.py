"""Incidents: declared, worked on, assessed."""
