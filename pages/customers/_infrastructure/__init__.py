"""Parts of the page of dedicated infrastructure."""
