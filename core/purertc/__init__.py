"""WebRTC for Python: handlers instead of callbacks, any event loop, no leaks."""
