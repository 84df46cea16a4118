"""Contracts: terms by version, documents, renewals."""
