"""What a user can mend is told apart from faults of ours."""


class MendableError(Exception):
    """Something that a user can mend; the message says what is wrong, where, and how to mend it."""
