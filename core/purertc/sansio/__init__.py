"""State machines without I/O: time and entropy are arguments."""
