"""The services of Kafka mode, each a process of its own: a module each, which loads what that needs."""
