"""The read side: facts of one customer, marks, outputs, for cards, lists and proofs."""
