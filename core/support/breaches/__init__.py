"""What is near its target or beyond it: found by the clock process, told once, escalated."""
