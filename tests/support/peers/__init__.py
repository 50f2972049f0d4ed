"""Peers in processes of their own, so that each may run in a network of its own."""
