"""What people read, in their language: the message catalogue and its translations."""
