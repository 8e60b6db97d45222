"""HTTP/1.1: connections, requests whose bodies are streams, answers."""
