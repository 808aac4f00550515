"""Running the site: what operators need, apart from what people see."""
