"""Platforms elsewhere: what each is given, made of what infra/knative says of a function."""
