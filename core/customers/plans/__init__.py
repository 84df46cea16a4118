"""Plans: what is sold, at which price, with which limits."""
