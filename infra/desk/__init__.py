"""The desk's event store: tasks, accounts and managers as streams of `eventsourcing`, and rows to ask."""
