"""rtc-migrate: rewrites aiortc programs to purertc."""
