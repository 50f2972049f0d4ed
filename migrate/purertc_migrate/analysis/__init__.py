"""Whole-run binding analysis: which expression is which kind of aiortc object."""
