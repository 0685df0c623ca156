"""The practice itself: settings and addresses at the roof, people and mail at the floor."""
