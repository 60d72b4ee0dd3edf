"""What takes place, tickets for it, and who comes. It knows nothing of payments, coupons and mails: those are joined in `workflows/`."""
