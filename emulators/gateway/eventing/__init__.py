"""Knative Eventing: brokers, triggers, channels, subscriptions, sequences, ping sources."""
