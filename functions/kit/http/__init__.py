"""HTTP: routes, typed bodies, one shape of errors, access, and the servers."""
