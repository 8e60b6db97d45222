"""What is known of a table's columns: computed with numpy alone."""
