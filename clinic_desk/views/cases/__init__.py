"""The page of a case: what a patient comes for, all its visits, and all that was changed."""
