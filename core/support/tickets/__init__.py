"""Tickets: what customers ask, what is answered, and every change on the way."""
