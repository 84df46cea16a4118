"""Panels of the page SLA report."""
