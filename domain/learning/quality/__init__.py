"""How good the scores were: exact figures over labels and the scores given when snapshots were taken."""
