"""Thin shells, one process role each, and what wires them together."""
