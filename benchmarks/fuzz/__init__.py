"""Every function asked what its OpenAPI description allows, and what it does not."""
