"""Kubernetes API conventions as pure code: resources, discovery, tables, patches, versions."""
