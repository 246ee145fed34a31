"""A notebook as HTML and PDF."""
