"""Everything that anybody may do, a module per noun; the only writers of the database."""

from clinic_desk import models as models  # first of all: it sees to a lean import of peewee
