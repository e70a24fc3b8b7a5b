"""The vocabulary: every fact, mark, signal and control record, and how they are written as bytes."""
