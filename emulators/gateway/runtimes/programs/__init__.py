"""Replicas that are programs of their own, and commands for each request."""
