"""The first schema, in parts: the tables of both databases, and what each writes its own way."""
