"""Changes of many records at once: by filter, undo, restore; in one commit or in steps."""
