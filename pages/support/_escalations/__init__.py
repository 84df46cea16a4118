"""The parts of the page Escalations."""
