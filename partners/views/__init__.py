"""One-tap buttons of the partners' office. Each says what it did and how to undo it."""
