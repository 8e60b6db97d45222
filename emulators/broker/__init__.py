"""NATS JetStream: the real server, set so that an acknowledged message is on disk."""
