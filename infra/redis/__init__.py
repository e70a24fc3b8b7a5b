"""How Redis is reached. What is kept there is said where it is kept: states, the ledger, leases."""
