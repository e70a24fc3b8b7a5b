"""The only door into the log: HTTP, import, and the clock that opens days."""
