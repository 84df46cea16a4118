"""What was released, when and where."""
