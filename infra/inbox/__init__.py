"""The console's own read model of tasks: rows in the order in which people work, and counters."""
