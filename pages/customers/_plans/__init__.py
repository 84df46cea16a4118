"""Panels of the page Plans."""
