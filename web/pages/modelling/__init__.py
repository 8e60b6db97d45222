"""Pages of trainings, models and their versions, and of calls to them."""
