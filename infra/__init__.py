"""How Mayfly is started and deployed."""
