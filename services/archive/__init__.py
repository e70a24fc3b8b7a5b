"""Feeds the archive of Kafka mode: every topic of the log, into PostgreSQL."""
