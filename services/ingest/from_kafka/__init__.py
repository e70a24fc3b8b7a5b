"""Events that systems publish to ``crm.intake``: read, brought to the door, acknowledged after that."""
