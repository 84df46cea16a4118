"""Invoices: what tenants owe and have paid."""
