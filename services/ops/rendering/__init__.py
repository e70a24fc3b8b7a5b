"""What the queries of this service look like in a terminal, in the reader's language."""
