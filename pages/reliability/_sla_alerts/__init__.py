"""The parts of the page SLA alerts."""
