"""The second schema, in parts: what both databases add, and what each writes its own way."""
