"""The client's side of a call: its connection, and the head that it sends."""
