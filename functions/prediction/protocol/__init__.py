"""The Open Inference Protocol v2 over HTTP, as KServe, Triton and MLServer speak it."""
