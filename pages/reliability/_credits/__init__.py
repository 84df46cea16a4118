"""Panels of the page Credits."""
