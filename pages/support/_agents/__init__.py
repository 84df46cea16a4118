"""The parts of the page Agents."""
