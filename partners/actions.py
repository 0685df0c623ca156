"""What may happen to partners: touched, promised to, moved on, and taken back."""
