"""What is told of the plane to who watches it: replicas to scrape, logs, what is unusual."""
