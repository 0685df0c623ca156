"""How days and hours are written, everywhere: the office has the short styles, letters and the site the long ones."""
