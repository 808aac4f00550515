"""Single sign-on by an OpenID Connect provider that the operator names."""
