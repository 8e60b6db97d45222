"""The pages that tell whether models are still right, and who hears of it where they are not."""
