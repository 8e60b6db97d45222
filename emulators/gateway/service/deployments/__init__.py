"""Functions as they are deployed: revisions, traffic, and how many replicas are wanted."""
