"""Where a learner keeps how far it is and what it knows."""
