"""Panels of the tenant's tab Subscription."""
