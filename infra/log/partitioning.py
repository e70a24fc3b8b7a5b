"""Which partition a customer's facts stand in, and what is said of an account's tasks."""

from hashlib import sha256

from events.values import CustomerId


def partition_of(customer_id: CustomerId, partitions: int) -> int:
    """Return the partition number; ids are hashes already, so their first 32 bits spread evenly."""
    return int(customer_id[:8], 16) % partitions


def partition_of_account(account: str, partitions: int) -> int:
    """Return the partition number; accounts are named by their sources, so a hash spreads them."""
    return int.from_bytes(sha256(account.encode()).digest()[:4]) % partitions
