"""The only room that knows Flask: who may enter, what they see, what they hand in."""
