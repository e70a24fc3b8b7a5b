"""Benchmarks that print figures and ratios: ``python -m bench [--quick] [NAME...]``."""
