"""How the trained reader was made. Nothing of the product imports this."""
