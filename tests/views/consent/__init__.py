"""The screens of consent by real events, on a database with two clinics."""
