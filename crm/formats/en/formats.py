# The long styles, for people outside: Saturday, November 21, 2026, 6:00 p.m.
DATE_FORMAT = "l, F j, Y"
DATETIME_FORMAT = "l, F j, Y, g:i a"
TIME_FORMAT = "g:i a"
# The short ones, for the office, where space is dear: Nov 21, 2026; Sat, Nov 21, 2026, 6:00 p.m.
SHORT_DATE_FORMAT = "M j, Y"
SHORT_DATETIME_FORMAT = "D, M j, Y, g:i a"
# A day so near that its year goes without saying: Sat, Nov 21.
MONTH_DAY_FORMAT = "D, M j"
