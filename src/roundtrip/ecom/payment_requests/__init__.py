"""An owner asks somebody to pay for an order, by a link."""
