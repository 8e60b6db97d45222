"""Predictions and labels as they are kept and shown; pure."""
