"""Pages of accounts, workspaces, people, keys, plans and activity."""
