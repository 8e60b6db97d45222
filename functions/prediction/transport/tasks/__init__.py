"""Calls that are answered later, over HTTP."""
