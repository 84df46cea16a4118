"""Support: tickets, the clocks they are held to, and who answers them."""
