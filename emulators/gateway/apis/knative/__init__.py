"""Knative's objects and the brokers' ingress."""
