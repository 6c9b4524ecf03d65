## What is wrong with a configuration
flaw-syntax = The syntax is wrong: { $why }
flaw-unknown-key = Unknown key `{ $key }` in { $table }
flaw-lacks-key = { $table } lacks the key `{ $key }`
flaw-out-of-range = `{ $key }` is { $number }
flaw-wrong-type = `{ $key }` wants { $wanted } and holds { $found }
flaw-too-many-days = { $count } special days are too many
flaw-no-working-weekday = `as` is { $day }, no working weekday
flaw-day-twice = The day { $date } is already at { $place }
flaw-hall-twice = The hall id `{ $id }` is already at { $place }
flaw-service-twice = The service id `{ $id }` is already at { $place }
flaw-staff-twice = The staff id `{ $id }` is already at { $place }
flaw-token-twice = The same token is already at { $place }
flaw-exception-twice = An exception for { $date } is already at { $place }
flaw-no-service-matches = No service matches `{ $pattern }`
flaw-lane-missing = `{ $pattern }` needs the lane `{ $lane }`, which the hall lacks
flaw-lane-unused = No service that the hall offers uses the lane `{ $lane }`
flaw-lane-nowhere = No hall has the lane `{ $lane }`
flaw-file-unreadable = The file cannot be read: { $why }
flaw-root-unreadable = The configuration directory { $directory } cannot be read: { $why }
flaw-directory-unreadable = The directory cannot be read: { $why }
flaw-too-many-files = { $count } files are too many
flaw-file-too-large = The file is too large
flaw-not-utf8 = The line holds bytes that are no UTF-8
flaw-not-copied = The draft cannot be copied to be checked: { $why }
flaw-too-many-halls = { $count } halls are too many
flaw-no-hall = There is no hall
flaw-not-on-earth = The place { $lat }, { $lon } is not on the earth
flaw-unknown-zone = Unknown time zone { $zone }
flaw-services-empty = `services` is empty
flaw-no-pattern = { $pattern } is no pattern for services
flaw-too-many-exceptions = { $count } exceptions are too many
flaw-exception-empty = An exception without any period
flaw-exception-both = An exception has both `closed = true` and `hours`
flaw-exception-neither = An exception has neither `closed = true` nor `hours`
flaw-too-many-periods = `{ $key }` has { $count } periods
flaw-overlap = { $second } overlaps with { $first } of the same day
flaw-no-period = { $period } is no period of the form HH:MM-HH:MM
flaw-period-backwards = The period { $period } ends before or when it begins
flaw-period-too-early = The period { $period } begins before policy.earliest_start, { $earliest }
flaw-oidc-not-built = The mode "oidc" is not built yet
flaw-unknown-mode = Unknown mode { $mode }
flaw-no-lane = The hall has no lane
flaw-too-many-lanes = The hall has { $count } lanes
flaw-lane-name = The lane `{ $lane }` has no good name: only a-z, 0-9, “-” and “.” can be used
flaw-no-band-time = `{ $key }` is no time of the form HH:MM
flaw-band-too-long = No opening period is as long as a band of { $minutes } minutes
flaw-no-band-starts = No band of the lane `{ $lane }` starts at { $start } on any weekday or exception date
flaw-too-many-bands = The hall has { $count } bands on one day
flaw-never-comes = `{ $key }` is 24:00, which never comes
flaw-window-too-short = The window of { $window } days ends before min_days_ahead, { $ahead } days, so no day is open
flaw-no-service = There is no service
flaw-too-many-services = { $count } services are too many
flaw-too-many-staff = { $count } members of staff are too many
flaw-no-digest = `token_sha256` is not 64 hexadecimal digits
flaw-admin-with-halls = The role "admin" has `halls`
flaw-hall-role-empty = The role "hall" has no hall in `halls`
flaw-unknown-role = Unknown role { $role }
flaw-no-such-hall = No hall has the id { $id }
flaw-bad-name = `{ $key }` is { $text }, but a name has 1 to 64 characters out of a-z, 0-9, “-” and “.”
flaw-no-room-for-name = There is no room for the name { $text }: too many different names since the start
flaw-no-date = `{ $key }` is { $text }, no date of the form YYYY-MM-DD
flaw-no-time = `{ $key }` is { $text }, no time of the form HH:MM
flaw-empty = `{ $key }` is empty
flaw-control-characters = `{ $key }` holds control characters or line breaks
flaw-too-long = `{ $key }` is too long
flaw-lacks-language = `{ $key }` has no text in { $language }
flaw-too-many-languages = `{ $key }` has too many languages
flaw-no-language-tag = `{ $key }` is no language tag
flaw-variable-not-utf8 = The variable is no UTF-8
flaw-variable-without-postgres = The variable is set, but the store is embedded
flaw-unknown-store = Unknown kind of store
flaw-no-absolute-path = `{ $key }` is no absolute path
flaw-embedded-has-no = The embedded store has no `{ $key }`
flaw-postgres-without-url = The store "postgres" has no `url`
flaw-both-given = Both `{ $one }` and `{ $other }` are given
flaw-no-address = { $what } is no address of a PostgreSQL: { $why }
flaw-demonstration-beyond = Identity.mode = "demo" lets anybody be anybody, and the server is to listen beyond this machine
flaw-store-changed = {"["}store] has changed in { $keys }, and a running server keeps the store that it was started with
flaw-scenario = { $said }

## How to mend it
mend-write-toml = Write it as TOML 1.1 wants it
mend-known-keys = Take it out, or use one of { $keys }
mend-add-key = Add it, such as `{ $key } = { $example }`
mend-write-like = Write it like `{ $key } = { $example }`
mend-whole-number = Give a whole number from { $least } to { $most }
mend-at-most = Keep at most { $most }
mend-working-weekday = Use mon, tue, wed, thu or fri
mend-keep-one = Keep one of the two, or change one
mend-pattern-or-service = Use the id of a service, `DOCUMENT.*` or `*`, or add the service to services.toml
mend-add-lane-or-drop = Add [hall.lanes.{ $lane }], or take the pattern out
mend-use-lane = Take the lane out, offer a service that uses it, or mend the lane of one in services.toml
mend-lane-of-a-hall = Use a lane that a hall has, or add it to a hall
mend-readable-file = Make it a readable file
mend-name-directory = Name another one with --config, or make it
mend-make-directory = Make it; it may stay empty where there is nothing to say
mend-gather-files = Gather them in at most { $most } files
mend-split-file = Split it into files of at most { $most } bytes
mend-save-utf8 = Save the file in UTF-8
mend-make-room = Make room in the directory for temporary files
mend-add-hall-file = Add one as a table [[hall]] in halls/NAME.toml
mend-add-hall = Add one as a table [[hall]]
mend-degrees = Give WGS-84 degrees, lat from -90 to 90 and lon from -180 to 180
mend-zone-name = Use a name of the IANA time zone database, such as Asia/Shanghai
mend-leave-services-out = Leave it out for every service, or name some
mend-pattern = Use the id of a service, `DOCUMENT.*`, or `*`
mend-write-closed = Write closed = true instead
mend-take-one-out = Take one of them out
mend-closed-or-hours = Add `closed = true`, or `hours`
mend-end-before-next = Let one period end before the next begins
mend-end-after-begin = Let it end after it begins
mend-begin-later = Let it begin at { $earliest } or later, or set an earlier earliest_start in hallpass.toml
mend-demo-until-built = Use mode = "demo" until it is
mend-demo = Use mode = "demo"
mend-add-lane = Add one as a table [hall.lanes.counter]
mend-lane-name = Call the lane by a name such as `counter`
mend-shorter-bands = Make the bands shorter or a period longer
mend-band-start = Use the start of a band, or take the line out
mend-band-start-like = Use the start of a band, such as { $start }, or take the line out
mend-band-start-between = Use the start of a band, such as { $before } or { $after }, or take the line out
mend-longer-bands = Make the bands longer: a hall has at most { $most } a day
mend-clock-time = Give a time from 00:00 to 23:59
mend-longer-window = Set window_days to { $ahead } or more
mend-add-service = Add one as a table [[service]]
mend-digest = Write the SHA-256 of the token in hexadecimal, never the token itself
mend-leave-halls-out = Leave `halls` out, or use role = "hall"
mend-role = Use "admin" or "hall"
mend-hall-id = Use the id of a hall in halls/, or add that hall
mend-restart-process = Restart the process
mend-cut = Cut it to { $most } characters
mend-language-tag = Use one such as `zh-CN`, `zh-TW` or `en`
mend-set-url = Set it to a URL, or unset it
mend-postgres-or-unset = Write kind = "postgres" in [store] of hallpass.toml, or unset the variable
mend-store-kind = Use "embedded" or "postgres", and an address as `url`
mend-postgres-or-drop = Write kind = "postgres", or take `{ $key }` out
mend-add-url = Add `url` or `url_file`, or set { $variable }
mend-listen-here = Listen on 127.0.0.1, or set identity.demo_beyond_loopback = true
mend-restart-server = Restart the server, or put [store] back
mend-advice = { $said }

## Parts of such sentences
word-string = a string
word-whole-number = a whole number
word-decimal = a decimal number
word-number = a number
word-flag = true or false
word-bare-time = a date or time without quotes
word-array = an array
word-table = a table
word-calendar-file = a calendar
word-halls-file = a file of halls
word-location = a location
word-lane = a lane
word-lane-bands = the bands of a lane
word-name = a name
word-none = none
word-all = all
word-closed = closed
word-closed-because = closed ({ $reason })
word-hours-because = { $hours } ({ $reason })
word-as-usual = as usual
word-of-the-lane = as in the other bands
word-holiday = a holiday
word-workday = a make-up working day
word-hours-of = hours of { $weekday }
word-admin = administrator
word-hall-role = desk of { $halls }
word-yes = yes
word-no = no
word-the-variable = the variable
word-the-file = the file

## What differs between two configurations
change-policy = Rules: { $field } { $old } → { $new }
change-day-ended = { $date } is no longer { $kind }
change-day-added = { $date } is now { $kind } ({ $detail })
change-day-turned = { $date } is no longer { $was }, but { $kind } ({ $detail })
change-day-changed = { $date }, { $kind }: { $old } → { $new }
change-service-added = New service: { $service }
change-service-removed = Service removed: { $service }
change-service = { $service }: { $field } { $old } → { $new }
change-service-text = { $service }: { $field } ({ $language }) { $old } → { $new }
change-services-order = The services stand in another order
change-hall-added = New hall: { $hall }
change-hall-removed = Hall removed: { $hall }
change-hall = { $hall }: { $field } { $old } → { $new }
change-hall-text = { $hall }: { $field } ({ $language }) { $old } → { $new }
change-lane-added = { $hall }: { $lane } added
change-lane-removed = { $hall }: { $lane } removed
change-lane = { $hall }, { $lane }: { $field } { $old } → { $new }
change-band = { $hall }, { $lane }: places at { $start } { $old } → { $new }
change-exception = { $hall }, { $date }: { $old } → { $new }
change-beyond-loopback = Demonstration open to other machines: { $old } → { $new }
change-member-added = New member of staff { $member }: { $role }
change-member-removed = Member of staff removed: { $member }
change-member-role = Member of staff { $member }: { $old } → { $new }
change-member-token = Member of staff { $member }: new token

## The keys of the files
field-earliest_start = earliest start
field-min_days_ahead = days ahead, at least
field-window_days = days that can be booked
field-release_time = release time
field-hold_minutes = minutes that a place is held
field-hold_extension_minutes = minutes by which a hold can be extended
field-max_party = people at a time, at most
field-max_active = appointments a person, at most
field-document = document
field-action = kind
field-lane = lane
field-name = name
field-city = city
field-district = district
field-address = address
field-phone = phone
field-location = location
field-time_zone = time zone
field-services = services
field-mon = Monday
field-tue = Tuesday
field-wed = Wednesday
field-thu = Thursday
field-fri = Friday
field-sat = Saturday
field-sun = Sunday
field-band_minutes = minutes a band
field-capacity = places a band
