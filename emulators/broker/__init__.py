"""NATS JetStream: the real server from its wheel, configured so that an acknowledged message is on disk."""
