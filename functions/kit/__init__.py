"""What every function shares: routes, typed bodies, errors, keys, documents, files, logs."""
