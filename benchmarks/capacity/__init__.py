"""How many replicas, at what cost and with what latency: the autoscaler's code as a simulator."""
