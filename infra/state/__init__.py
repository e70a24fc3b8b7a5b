"""Where states are kept: `port.py` says what a store does, one file each implements it."""
