"""Alerts: turns signals into retention tasks, offers them, and tells what became of them."""
