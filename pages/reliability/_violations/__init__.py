"""The parts of the page Violations."""
