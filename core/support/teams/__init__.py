"""Teams of support and what each agent can take."""
