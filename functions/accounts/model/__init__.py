"""Accounts, workspaces, keys and plans: pure."""
