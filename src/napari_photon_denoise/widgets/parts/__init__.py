"""What several docks are made of: choices, forms, the run bar, the worker, layers."""
