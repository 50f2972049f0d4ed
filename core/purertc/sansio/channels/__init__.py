"""The parts that data channels are made of."""
