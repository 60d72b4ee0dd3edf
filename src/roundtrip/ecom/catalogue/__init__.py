"""Products, their variants and stock, and the collections they are in. Two views of it travel on the wire; both are made in `api/`."""
