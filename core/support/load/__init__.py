"""How much the agents have to do, and what is coming."""
