"""One deed for many partners: exactly the rows ticked, or exactly those that the list shows."""
