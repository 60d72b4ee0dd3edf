"""How a site sells, as its owner set it."""
