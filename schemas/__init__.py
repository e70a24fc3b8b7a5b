"""The published contracts: JSON Schemas, topics, examples and the AsyncAPI document, and their generator."""
