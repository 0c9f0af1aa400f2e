"""What executes jobs and remembers them; `base` says what every backend can do."""
