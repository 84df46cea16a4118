"""What the pages of figures share: the period, durations in words, their charts."""
