## Signing in
desk-sign-in-title = Staff sign-in
desk-sign-in-lead = Enter the token you were given. You stay signed in for 12 hours; sign out when you leave.
desk-sign-in-token = Token
desk-sign-in-hint = Your administrator gave it to you. Keep it to yourself.
desk-sign-in-wrong = This token is not right. Check it and enter it again
desk-sign-in-ended = Your session has ended
desk-sign-in-kept = Your text is not lost. Sign in again to continue.
desk-sign-in = Sign in
desk-mend = There is a problem

## Halls of today
desk-today-title = Halls today
desk-today-none = No hall has been assigned to you yet. Ask your administrator.
desk-today-hall = Hall
desk-today-quiet =
    { $count ->
        [one] { $count } hall without appointments today
       *[other] { $count } halls without appointments today
    }
desk-today-closed = Closed today

## How many
desk-count-expected = Expected
desk-count-here = Checked in
desk-count-served = Served
desk-count-no-show = Did not come
desk-count-cancelled = Cancelled
desk-count-waiting = Waiting

## Ways
desk-ways = Days and pages
desk-way-earlier = Day before
desk-way-today = Go to today
desk-way-later = Day after
desk-way-queue = Queue
desk-way-display = Calling screen
desk-way-list = Print list
desk-way-halls = Other halls
desk-go-to-day = Date
desk-go = Show

## A day
desk-day-title = { $hall }, { $day }
desk-day-not-today = This is not today’s list. Today is { $today }.
desk-day-people = Appointments
desk-day-nobody = No appointments on this day.
desk-day-not-found = No match on the list.
desk-find = Surname, last 4 of ID or code
desk-find-button = Find
desk-find-all = Show all
desk-band-count = { $taken }/{ $capacity }
desk-earlier =
    { $bands ->
        [one] Earlier today: { $bands } time, { $expected } still expected
       *[other] Earlier today: { $bands } times, { $expected } still expected
    }
desk-party = Party { $number } of { $count }
desk-party-expected = Party: { $count } expected
desk-lane-counter = Counter
desk-lane-kiosk = Kiosk
desk-status-held = Held
desk-status-booked = Booked
desk-status-checked-in = Checked in
desk-status-served = Served
desk-status-expired = Expired
desk-status-cancelled = Cancelled
desk-status-no-show = Did not come
desk-stale = The server cannot be reached. What you see may be out of date.

## Checking in
desk-code = Scan or type the code
desk-code-malformed = This is not a code. A code has 8 digits and letters, such as K7QX2M9F
desk-code-unknown = No appointment has the code { $code }. Check it and scan again
desk-camera = Use camera
desk-camera-close = Close
desk-check-in-refused = Not checked in
desk-not-checked-in = { $name } is not checked in yet. Scan the code again
desk-other-hall = Code { $code } is for an appointment at { $hall }. Please send the person there
desk-other-day = { $name } has an appointment on { $when }. Check in now anyway?
desk-other-day-anyway = Check in anyway
desk-other-day-leave = Do not check in
desk-already-here = { $name } is already checked in
desk-wrong-state = { $name } cannot be checked in: the appointment is now “{ $state }”

## What was done
desk-check-in = Check in
desk-check-in-party = Check in all { $count }
desk-check-in-others =
    { $count ->
        [one] Check in the other one
       *[other] Check in the other { $count }
    }
desk-serve = Served
desk-no-show = Did not come
desk-done-checked-in = { $name } is checked in
desk-done-number = Queue number { $number }. Please wait until it is called.
desk-done-ticket = Show or print the slip
desk-done-served = { $name } has been served
desk-done-no-show = { $name } is marked as “Did not come”
desk-done-cancelled = The appointment of { $name } is cancelled
desk-done-changed = The appointment of { $name } was changed
desk-undo = Undo
desk-undone = Undone: { $name } is now “{ $state }”
desk-and = , 
desk-late = Nothing changed: { $name } is now “{ $state }”
desk-late-why = A colleague may have changed it first. Check the latest list.
desk-no-show-title = Did { $name } not come?
desk-no-show-when = Time
desk-no-show-lead = First make sure that this person is not in the hall. You can undo this until the end of tomorrow.
desk-no-show-yes = Yes, did not come
desk-no-show-leave = Go back
desk-no-show-not-now = You can mark this only on the day itself, after the time has begun.

## The queue
desk-queue-title = Queue: { $where }
desk-queue-only-today = You can issue and call numbers only on the day itself
desk-queue-waiting = { $count } waiting
desk-queue-nobody = Nobody is waiting.
desk-queue-called = Called, being served
desk-queue-none-called = No numbers called yet.
desk-queue-since = waiting since { $time }
desk-queue-booked = booked for { $span }
desk-queue-early = early
desk-queue-late = late
desk-queue-was-called = { $number }, please go to counter { $counter }
desk-draw-title = Queue number without an appointment
desk-draw-service = Service
desk-draw-choose = Choose a service
desk-draw-no-service = Choose a service that this hall offers
desk-draw = Issue number
desk-call-title = Call
desk-call-counter = Counter { $counter }
desk-call-other-counter = Change counter
desk-call-next = Call next
desk-call = Call
desk-call-again = Call again
desk-call-to = Counter { $counter }
desk-call-unknown = This number is no longer in the queue
desk-gone = Left
desk-counter = Which counter are you at?
desk-counter-hint = For example 3. After that, you call with one press.
desk-counter-choose = Continue
desk-counter-bad = Enter the counter number, at most 16 characters, such as 3

## The slip
desk-ticket-title = Your queue number
desk-ticket-ahead =
    { $count ->
        [one] { $count } person is ahead of you
       *[other] { $count } people are ahead of you
    }
desk-ticket-not-waiting = This number has been called or is not waiting.
desk-ticket-since = Issued at { $time }, valid today. Watch the calling screen.
desk-ticket-next = Back to the queue
desk-print = Print

## The screen
desk-display-title = { $hall }: now calling
desk-display-calls = Latest calls
desk-display-no-calls = Please wait. Calls begin soon.

## The list
desk-list-title = Appointments: { $where }
desk-list-made = Made { $time }. People: { $count }. Later changes are not included.
desk-list-region = Table of appointments
desk-list-name = Name
desk-list-id-number = ID number
desk-list-code = Code
desk-list-service = Service
desk-list-state = Status
desk-list-here = Here
desk-list-served = Served

## The record
desk-record-title = Record
desk-record-lead = Who did what, and when, in the last 24 hours. Changes to appointments and the configuration are also kept permanently; queue numbers, calls, sign-ins, downloads and looks at phone numbers are kept for 24 hours only.
desk-record-none = No records.
desk-record-hall = Hall
desk-record-all = Not tied to a hall (configuration, sign-ins, downloads)
desk-record-day = Day
desk-record-today = Today, { $day }
desk-record-yesterday = Yesterday, { $day }
desk-record-show = Show
desk-record-when = Time
desk-record-who = Who
desk-record-what = What
desk-record-where = Source
desk-deed-drawn = Issued { $number } ({ $service })
desk-deed-called = Called { $number } to counter { $counter }
desk-deed-served = { $number } served
desk-deed-gone = { $number } left
desk-deed-checked-in = Checked in { $name }, code { $code }
desk-deed-finished = Served { $name }, code { $code }
desk-deed-no-show = { $name } did not come, code { $code }
desk-deed-cancelled = Cancelled { $name }, code { $code }
desk-deed-moved = Moved { $name }, code { $code }
desk-deed-undone = Undid the last change to { $name }, code { $code }
desk-deed-changed = Changed { $name }, code { $code }
desk-deed-telephone = Looked at the phone number of { $name }, code { $code }
desk-deed-adopted = Published configuration { $version }
desk-deed-signed-in = Signed in
desk-deed-exported = Downloaded data from { $from } to { $to }
desk-via-page = Page
desk-via-api = API
desk-via-configuration = Configuration
