"""What a real cluster refuses or warns of: the rules of Kubernetes and of Knative."""
