"""Subscriptions: which plan a tenant has, what it pays, and the ledger of recurring revenue."""
