"""Photos: where their bytes lie and who may see them."""
