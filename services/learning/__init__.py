"""The learning service: reads snapshots, learns who churned, decides the model of the next day."""
