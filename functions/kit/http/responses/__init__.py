"""What goes out: answers, problems, streams, and the fields that say something of them."""
