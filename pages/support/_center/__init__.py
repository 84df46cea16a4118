"""The panels of the support center."""
