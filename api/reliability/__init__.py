"""Reliability for machines: what was promised and kept, incidents, deployments, on-call, the status page."""
