"""Workspaces, the people in them, and how somebody joins and leaves."""
