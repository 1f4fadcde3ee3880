"""The calendar: on which day, and where it matters at which hour, everything of a regimen happens.

build     agents' regimens and the site → an abstract `Problem`
model     activities, rules, aims, calendars; knows no drug
solve     a `Problem` → the earliest calendar, or the clash
conflicts what clashes, as few rules as can be
together  tests whose windows share a day, at as few visits as can be found
check     a calendar held against its rules, sharing nothing with the solver
events    a calendar → plain dated rows and visits for the faces
"""
