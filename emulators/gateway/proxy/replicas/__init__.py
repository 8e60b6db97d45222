"""The replica's side of a call: connections, which of them are used again, and its answer."""
