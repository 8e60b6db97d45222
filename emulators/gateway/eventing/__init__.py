"""Knative Eventing: broker, triggers, ping sources."""
