"""How Holdfast uses SQLite: connections, and one writer thread that shares its commits."""
