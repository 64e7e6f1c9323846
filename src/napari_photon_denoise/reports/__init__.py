"""What every report of this package is made of: a page, tables, pictures, and files.

- `page`: one HTML page with its style inside; `tables`: escaped text in rows and columns.
- `drawing`: matplotlib pictures as SVG in the page's own text colour.
- `kept`: how a report is saved, written once.
- `camera`, `denoised`, `study`: the report of each.
"""
