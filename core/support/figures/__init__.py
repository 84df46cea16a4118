"""Figures of support: what waits, how fast it is answered and solved, and how often that was in time."""
