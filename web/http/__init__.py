"""HTTP as pages use it: HTMX, security, errors, streams."""
