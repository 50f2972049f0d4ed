"""From listeners to handler classes: finding registrations, grouping them, emitting code."""
