"""What the plane keeps and decides: deployments, replicas, scaling."""
