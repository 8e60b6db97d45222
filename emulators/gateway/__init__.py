"""A local OpenFaaS gateway and Knative Serving plane on processes."""
