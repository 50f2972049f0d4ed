"""What runs in the measured processes.

Modules here use the standard library and the measured library only, as some libraries live in an
environment of their own.
"""
