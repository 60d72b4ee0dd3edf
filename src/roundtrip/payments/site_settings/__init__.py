"""How one site is paid: what its owner switched on, and the keys of its accounts at providers."""
