"""What predictions of a model are explained against."""
