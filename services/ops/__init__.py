"""What people ask of a log: cards, lists, its state, the proof that it is right."""
