"""Panels of the page Invoices."""
