find-title = Book an appointment
find-lead = Passports, Hong Kong-Macao permits and Taiwan permits: choose a hall and a time before you go.
find-held = { $count ->
    [one] You are holding a time that is not booked yet
   *[other] You are holding a time for { $count } people that is not booked yet
  }
find-held-until = held for you until { $time }
find-held-over = The hold has ended and the time is free for others again. You can choose once more.
find-held-go-on = Continue
find-held-release = { $count ->
    [one] Release this time
   *[other] Release this time for all { $count } people
  }
find-next = Your next appointment
find-what = What do you need?
find-before = Have the ID number and mobile number of everyone who applies at hand. It takes about three minutes.
find-documents = Documents
find-rules = Before you book
find-rule-days = { $days ->
    [one] You can book from tomorrow until { $last }, but not for the same day.
   *[other] You can book from { $days } days ahead until { $last }.
  }
find-rule-release = A new day opens for booking every day at { $time }.
find-rule-earliest = The first appointments begin at { $time }. Some halls open at weekends too.
find-rule-party = You can book for your family together, up to { $count } people.
find-have-one = Have you booked already?
find-have-one-hint = See your code, change your appointment or cancel it.
find-people = How many people?
find-people-number = { $count ->
    [one] 1 person
   *[other] { $count } people
  }
find-people-hint = All { $count } come at the same time, for the same service.
find-halls-title = Choose a hall
find-city = City
find-area-pick = Please choose
find-district = District
find-whole-city = { $city } (whole city)
find-nearest-first = Nearest first
find-share-place = Use my location
find-share-place-hint = Your location is used for distances only and is not stored.
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
find-soonest = Soonest times
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
find-next-free = Next free: { $day }
find-none-free = Nothing is free at the moment
find-more-halls = Show more halls
find-step = Step { $at } of { $all } · { $name }
find-step-what = Service
find-step-where = Hall
find-step-when = Time
find-step-details = Details
find-step-check = Check
find-step-done = (done)
