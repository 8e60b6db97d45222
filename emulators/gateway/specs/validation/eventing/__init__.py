"""Brokers, Triggers, PingSources, and what they share."""
