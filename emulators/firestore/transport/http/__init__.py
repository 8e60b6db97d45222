"""HTTP/1.1: REST v1, the emulator's own routes, and who may use them."""
