"""Whether a project of Google Cloud has what Mayfly needs, and no more than that."""
