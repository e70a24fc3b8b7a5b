"""Copies of a log that outlive its servers: what cannot be made again, and only that."""
