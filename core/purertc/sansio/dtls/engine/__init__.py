"""The TLS library behind the transport."""
