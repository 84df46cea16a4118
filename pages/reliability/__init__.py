"""The pages of Reliability."""
