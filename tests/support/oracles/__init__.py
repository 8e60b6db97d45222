"""Others' programs that ours are held to, which are too heavy for everybody's environment."""
