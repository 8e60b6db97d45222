"""Plain Kubernetes: objects made of the functions' descriptions, and Kustomize's files around them."""
