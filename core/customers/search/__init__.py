"""Search over everything that an operator may see: one question, many kinds of things."""
