"""Other functions, and the processes in which notebooks run and pages are set."""
