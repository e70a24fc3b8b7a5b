"""Apache Kafka: how clients reach it, its topics and rights as code, and a broker for developers."""
