"""Holdfast on Kafka, Redis and PostgreSQL: what each process opens, a module for each."""
