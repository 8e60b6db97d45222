"""What is suspicious in the data of a training, for the card."""
