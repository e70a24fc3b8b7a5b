"""The append-only log: `port.py` says what a log does, one file each implements it."""
