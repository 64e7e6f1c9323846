"""The report of a study: one HTML page, its plots and tables."""
