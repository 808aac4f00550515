"""How the site is put into production: what refuses to start, and the files that start it."""
