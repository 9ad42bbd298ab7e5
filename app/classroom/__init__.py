"""A class on one server: who may come in, what they see, what they guessed."""
