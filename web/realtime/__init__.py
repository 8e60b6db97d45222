"""Predictions while values change: many questions on one connection, answers as they come."""
