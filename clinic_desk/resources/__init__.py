"""Files that the program reads: themes, icons, translations."""
