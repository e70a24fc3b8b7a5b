"""A customer's state: the fold of its own facts and of the marks in its partition."""
