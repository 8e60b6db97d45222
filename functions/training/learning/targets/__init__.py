"""What a column means as a target: classes or a quantity, and which rows have one."""
