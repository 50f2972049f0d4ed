"""The only rooms that touch a reactor. Importing this package imports no event loop."""
