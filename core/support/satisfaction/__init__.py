"""Satisfaction: what customers say of a resolved ticket, and of us once a quarter."""
