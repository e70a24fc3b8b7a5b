"""What a running service says of itself to whoever looks after it: alive, ready, and its figures."""
