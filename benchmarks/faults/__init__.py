"""A whole Mayfly under load while its parts are killed, stopped and starved; then an audit."""
