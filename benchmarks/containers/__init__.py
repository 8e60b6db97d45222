"""How a function starts as a container, as any platform starts it."""
