"""Versions and aliases: what may happen to them, what fits, and which is better."""
