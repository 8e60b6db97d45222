"""Beneath the calls: HTTP, time limits, what is tried again, failures, bytes passed on."""
