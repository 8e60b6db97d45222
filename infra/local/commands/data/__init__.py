"""Commands on data, trainings, models and predictions."""
