"""Whether versions can be loaded, where they are warm, when they were called last."""
