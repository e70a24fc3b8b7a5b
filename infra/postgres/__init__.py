"""How PostgreSQL is reached. What is kept there is said where it is kept: the archive, the course."""
