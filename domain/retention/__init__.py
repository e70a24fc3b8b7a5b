"""Retention: what is decided about signals and tasks. Pure: time and ids come with every command."""
