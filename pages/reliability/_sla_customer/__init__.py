"""The parts of the page SLA customer."""
