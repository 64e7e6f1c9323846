"""What several docks are made of; the map is in the docstring of `widgets`."""
