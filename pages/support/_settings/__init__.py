"""The parts of the SLA settings."""
