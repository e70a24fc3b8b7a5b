"""The profiles service: keeps the live state of every customer and says what is noticed of it."""
