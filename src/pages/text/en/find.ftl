find-title = Book an appointment
find-lead = Passports, Hong Kong-Macao permits and Taiwan permits: book a hall and a time before you go.
find-held = { $count ->
    [one] We are holding a time for you that is not booked yet
   *[other] We are holding a time for { $count } people that is not booked yet
  }
find-held-until = held for you until { $time }
find-held-over = We no longer hold this time. Please choose again.
find-held-go-on = Continue
find-held-release = { $count ->
    [one] Release this time
   *[other] Release this time for all { $count } people
  }
find-next = Your next appointment
find-what = What do you need?
find-before = Have everyone’s ID number and mobile number ready. It takes about 3 minutes.
find-documents = Documents
find-rules = Before you book
find-rule-days = { $days ->
    [one] You can book from tomorrow until { $last }, but not for the same day.
   *[other] You can book from { $days } days ahead until { $last }.
  }
find-rule-release = One more day opens for booking every day at { $time }.
find-rule-earliest = The first appointments begin at { $time }. Some halls also open at weekends.
find-rule-party = You can book together with your family, up to { $count } people at a time.
find-have-one = Already booked?
find-have-one-hint = See your code, change your appointment or cancel it.
find-people = How many people?
find-people-number = { $count ->
    [one] 1 person
   *[other] { $count } people
  }
find-people-hint = All { $count } of you come at the same time, for the same service.
find-halls-title = Choose a hall
find-city = City
find-area-pick = Please choose
find-district = District
find-whole-city = { $city } (whole city)
find-nearest-first = Nearest first
find-share-place = Use my location
find-share-place-hint = We use your location only to work out distances and do not store it.
find-place-refused = We could not get your location. Please choose a city.
find-show-halls = Show halls
find-empty-title = There is a problem
find-empty = Choose a city, or use your location
find-by-place = From your location, nearest first
find-by-area = { $area }
find-by-district = { $area }, nearest first
find-change = Change
find-halls-nearest = Halls nearest to you
find-halls-of = Halls in { $area }
find-halls-near = Halls nearby
find-halls-all = All halls
find-none-here = No hall here offers this service. Please choose another city.
find-soonest = Suggested times
find-distance = { $kilometres } km
find-distance-about = about { $kilometres } km
find-weekend-both = Open on Saturday and Sunday
find-weekend-saturday = Open on Saturday
find-weekend-sunday = Open on Sunday
find-places-many = Plenty of places
find-places-few = { $count ->
    [one] Only 1 place left
   *[other] Only { $count } places left
  }
find-next-free = Next available: { $day }
find-none-free = No times available at the moment
find-more-halls = Show more halls
find-step = Step { $at } of { $all } · { $name }
find-step-what = Service
find-step-where = Hall
find-step-when = Time
find-step-details = Details
find-step-check = Check
find-step-done = (done)
