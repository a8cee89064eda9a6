"""Everything that anybody may do, a module per noun; the only writers of the database."""
