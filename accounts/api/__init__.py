"""REST: accounts, sign-ins and password resets."""
