"""What runs on torch: it lives here and only here, and is imported when it is needed."""
