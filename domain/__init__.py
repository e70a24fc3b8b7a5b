"""The pure core: no clock, no files, no network. What a customer is, and what is noticed of it."""
