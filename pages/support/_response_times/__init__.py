"""The panels of the page of response times."""
