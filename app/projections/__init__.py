"""What is made of the facts and stored beside them."""
