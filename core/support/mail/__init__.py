"""Mail of tickets: what goes out, and what comes in."""
