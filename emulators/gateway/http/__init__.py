"""HTTP/1.1: connections, heads, bodies, and what the gateway answers itself."""
