"""Tickets out of another system's log, with their whole history."""
