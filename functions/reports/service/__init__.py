"""What users and steps do with reports."""
