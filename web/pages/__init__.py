"""The pages: one blueprint for each resource. Handlers parse, call the functions and render."""
