"""The outside world: logs, stores, archives, a package a concept, implementations side by side."""
