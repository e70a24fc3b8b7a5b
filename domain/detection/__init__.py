"""Detectors: what is surprising about a customer, said in figures."""
