"""Predictions summed into windows."""
