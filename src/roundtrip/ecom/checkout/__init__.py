"""A purchase in the making: what is bought, by whom, where it goes."""
