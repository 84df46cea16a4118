"""Parts of the page Contracts."""
