"""The durable queue of asynchronous calls."""
