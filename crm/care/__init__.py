"""The floor for clients, plans of care, memberships and payers. No model lives here yet."""
