"""Lets `python -m purertc_migrate` be rtc-migrate."""

from purertc_migrate.command import main

main()
