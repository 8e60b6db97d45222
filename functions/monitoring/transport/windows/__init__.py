"""Windows over HTTP."""
