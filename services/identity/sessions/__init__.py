"""Sessions: passwords, sign-in of people and machines, and the tokens they get."""
