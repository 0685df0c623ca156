"""What can go wrong while mail is sent, done on purpose; after each fault the same invariants must hold."""
