"""What alerts reach: their documents, mail, webhooks, other functions."""
