"""What the built-in job types do."""
