"""What is told to whom about an incident."""
