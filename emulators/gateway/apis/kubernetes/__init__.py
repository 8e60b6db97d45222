"""The Kubernetes API's conventions: kinds, verbs, watches, tables, patches."""
