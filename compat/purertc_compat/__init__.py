"""aiortc's callback API on top of purertc."""
