"""Panels of what is learned from incidents."""
