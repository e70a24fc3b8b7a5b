"""The alerts of Kafka mode: signals shared among processes, and one of these that does the rest."""
