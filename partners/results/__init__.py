"""What the work brought: the week in five results beside what feeds them, the quarter against the goals, and reports."""
