"""Plain Kubernetes: objects made of descriptions, and Kustomize's files around them."""
