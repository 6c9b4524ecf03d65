configuration-title = Configuration
configuration-done-applied = Configuration published
configuration-done-rolled-back = Earlier version restored
configuration-done-displaced =
    { $count ->
        [one] { $count } appointment does not fit the new configuration. Find another time for it.
       *[other] { $count } appointments do not fit the new configuration. Find other times for them.
    }
configuration-to-displaced = Find other times
configuration-version = Version
configuration-since = In force since
configuration-halls = Halls
configuration-services = Services
configuration-directory = File location
configuration-instances = Several servers are running, each with its own files. After a change here, copy the same files to the others.
configuration-unread = The files cannot be read at the moment. Check the server log.
configuration-pending = Files have changed but are not in force yet
configuration-pending-explained = Someone changed the files on the server. Publishing makes these changes:
configuration-reload = Publish
configuration-not-reloaded = Not published
configuration-files = Hall files
configuration-files-own = You see only the files of your own halls.
configuration-files-none = There are no files that you can change.
configuration-file = File
configuration-file-halls = Halls
configuration-file-act = Action
configuration-edit = Edit
configuration-and = ,{" "}
configuration-history = Earlier versions
configuration-history-none = No earlier versions yet.
configuration-number = Version
configuration-number-of = Version { $number }
configuration-when = When
configuration-by = By
configuration-by-start = Server start
configuration-by-signal = Server signal
configuration-by-others = Another server
configuration-comment = Comment
configuration-in-force = In force
configuration-file-title = Edit { $file }
configuration-file-lead = Check your text first. Checking changes nothing.
configuration-file-kept = You are signed in again, and your text is below
configuration-draft-gone = The text you checked is no longer kept
configuration-draft-gone-explained = A checked text is kept for up to { $hours } hours, and not beyond a restart of the server. Below is the file as it is now.
configuration-text = File content
configuration-text-hint = Write hours as "08:30-12:00" and dates as "2026-12-01". Lines that begin with # are comments.
configuration-comment-label = Comment (optional)
configuration-comment-hint = Say why you are making this change.
configuration-comment-long = A comment has at most { $max } characters; nothing has been applied yet.
configuration-check = Check
configuration-apply = Publish
configuration-check-again = The text changed after the check, so it was checked again. Please look once more.
configuration-sound = No errors
configuration-sound-explained = Nothing is in force yet, and no appointment is affected. Check the changes below, then publish.
configuration-sound-but =
    { $count ->
        [one] This can be published, but it affects { $count } person
       *[other] This can be published, but it affects { $count } people
    }
configuration-errors =
    { $count ->
        [one] Fix { $count } error
       *[other] Fix { $count } errors
    }
configuration-error = { $flaw }. { $mend }.
configuration-error-at = Line { $line }
configuration-diff = Lines that change
configuration-diff-none = The text has not changed.
configuration-diff-cut = There are too many changes to show them all.
configuration-changes = What changes
configuration-changes-none = Nothing changes.
configuration-displaced-stay = These appointments are kept; none is cancelled. Find other times for them after you publish.
configuration-more =
    { $count ->
        [one] { $count } more is not shown.
       *[other] { $count } more are not shown.
    }
configuration-beyond = You cannot change this
configuration-beyond-explained = You can only change your own halls. Your text is still below.
configuration-unwritten = The file cannot be written
configuration-unwritten-explained = The server cannot write to this file. Nothing was changed. Your text is still below.
configuration-put-back = Nothing was published. The files are as they were.
configuration-conflict = Someone else has just changed this file
configuration-conflict-explained = The file changed after you opened it, so your text was not saved. Compare the two, edit your text and check it again.
configuration-conflict-diff = How your text differs from the file now
configuration-conflict-there = The file now
configuration-version-title = Configuration version { $number }
configuration-version-diff = Lines that change if you restore it
configuration-version-same = Same as the current files.
configuration-version-files = Files of this version
configuration-secret = (may contain a password, so it is not shown)
configuration-secret-differs = This file differs too. It may contain a password, so it is not shown.
configuration-roll-back = Restore this version
configuration-roll-back-check = Preview the result
configuration-roll-back-title = Restore version { $number }
configuration-roll-back-explained = All files, including staff and rules, are replaced with those of this version. Check the changes below first.
configuration-roll-back-again = The files have just changed. Please look once more.
configuration-roll-back-comment = Restore version { $number }
configuration-leave = Go back
displaced-title = People who need another time
displaced-none = All appointments fit the configuration.
displaced-table = Affected appointments
displaced-count =
    { $count ->
        [one] { $count } appointment does not fit the configuration. Find another time for it.
       *[other] { $count } appointments do not fit the configuration. Find another time for each.
    }
displaced-who = Applicant
displaced-service = Service
displaced-hall = Hall
displaced-every-hall = All halls
displaced-day = Day
displaced-every-day = All days
displaced-show = Show
displaced-people =
    { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
displaced-when = Time
displaced-how-many = People
displaced-reason = Reason
displaced-held = Held
displaced-move = Find another time
displaced-telephone = Phone
displaced-telephone-show = Show phone
displaced-telephone-noted = Each number that you show is written to the record, and is hidden again after a while.
displaced-moved = { $name } is moved to { $hall }, { $day } { $band }.
displaced-one-title = Find another time
displaced-ask-title = Move this appointment?
displaced-new = New time
displaced-other-hall = This is another hall. Make sure the person agrees.
displaced-earlier =
    { $days ->
        [one] { $days } day earlier than booked
       *[other] { $days } days earlier than booked
    }
displaced-sure = Move it
displaced-choose-other = Choose another time
displaced-fits = This appointment fits the configuration and does not need another time.
displaced-no-offer = No available times nearby.
displaced-left = { $count } left
displaced-no-hall = The hall has closed for good
displaced-holiday = The hall is closed for a holiday: { $name }
displaced-closed-because = The hall is closed on this day: { $reason }
displaced-closed = The hall is closed on this day
displaced-no-service = The hall no longer offers this service
displaced-not-in-lane = The hall no longer offers the service this way
displaced-other-zone = The time zone of the hall is now { $zone }
displaced-no-band = The time { $band } is no longer offered
displaced-fewer-places =
    { $places ->
        [one] There is now { $places } place at this time, and an earlier appointment has it
       *[other] There are now { $places } places at this time, and earlier appointments have them
    }
displaced-gone = Nothing was moved: this time can no longer be booked. Choose another.
