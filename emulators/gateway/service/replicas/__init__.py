"""Replicas: pools of them, who starts and ends them, and what becomes of those that fail."""
