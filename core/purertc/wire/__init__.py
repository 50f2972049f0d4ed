"""Pure codecs: bytes or text to values and back. No state, no time, no I/O."""
