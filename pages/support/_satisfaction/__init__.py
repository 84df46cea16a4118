"""The panels of the page Satisfaction."""
