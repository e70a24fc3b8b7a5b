"""Sample data, and the scripts that make it and its picture."""
