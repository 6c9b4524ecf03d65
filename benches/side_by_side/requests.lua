-- What wrk asks for. Whatever can be made beforehand is, since wrk runs on the processors that it measures.
--
-- Arguments: the case, the path, the file with the tokens (of sessions that a case may use), the first date that is
-- booked, the number of the first applicant, so that no two runs against one server use one applicant twice, and how
-- long each connection pauses between an answer and its next request, on average, in milliseconds.
--
--   spread   books in 15 halls, on 28 dates, in 14 bands
--   hot      books one slot that everybody wants
--   full     wants a slot that has no place left
--   get      reads the path
--   mine     reads the path, each time in another session
--
-- Every booking is for another applicant; it is made in a session of its own while the sessions last.

local DATES, BANDS, HALLS = 28, 14, 15
local PLACES_OF_A_TURN = 100000
local SEQUENCES = 1000 -- of persons who were born on one day in one division
local FIRST_DIVISION = 110101 -- no other part of a run has persons of this province
local DIVISION_SUMS = {}

local weights = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 }
local checks = { "1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2" }

-- The share that some digits, from the given place on, have in the sum of GB 11643.
local function weighted(digits, place)
  local sum = 0
  for at = 1, #digits do
    sum = sum + (string.byte(digits, at) - 48) * weights[place + at - 1]
  end
  return sum
end

local births, birth_sums, sequences, sequence_sums = {}, {}, {}, {}

local function prepare_numbers()
  for year = 1940, 1999 do
    for month = 1, 12 do
      for day = 1, 28 do
        births[#births + 1] = string.format("%04d%02d%02d", year, month, day)
        birth_sums[#births] = weighted(births[#births], 7)
      end
    end
  end
  for sequence = 0, SEQUENCES - 1 do
    sequences[sequence + 1] = string.format("%03d", sequence)
    sequence_sums[sequence + 1] = weighted(sequences[sequence + 1], 15)
  end
  for division = FIRST_DIVISION, FIRST_DIVISION + 98 do
    DIVISION_SUMS[division] = weighted(tostring(division), 1)
  end
end

-- The made-up ID number of the nth applicant, as five pieces that the caller joins.
local function id_number(n)
  local sequence, rest = n % SEQUENCES + 1, math.floor(n / SEQUENCES)
  local birth, division = rest % #births + 1, FIRST_DIVISION + math.floor(rest / #births)
  local sum = DIVISION_SUMS[division] + birth_sums[birth] + sequence_sums[sequence]
  return division, births[birth], sequences[sequence], checks[sum % 11 + 1]
end

local function tokens_of(file)
  local tokens = {}
  for token in io.lines(file) do
    tokens[#tokens + 1] = token
  end
  return tokens
end

-- The dates and starts of a body, for every slot of a hall.
local function slots_from(first)
  local year, month, day = first:match("(%d+)-(%d+)-(%d+)")
  local slots = {}
  for band = 0, BANDS - 1 do
    local minutes = 510 + 30 * band
    for ahead = 0, DATES - 1 do
      local date = os.date("%Y-%m-%d", os.time({ year = year, month = month, day = day + ahead, hour = 12 }))
      slots[#slots + 1] = string.format('"date":"%s","start":"%02d:%02d",', date, math.floor(minutes / 60), minutes % 60)
    end
  end
  return slots
end

local before_number = '"hold":false,"applicants":[{"name":"样本","id_number":"'
local after_number = '","phone":"19900000002"}],"residence":"330106",'
  .. '"emergency_contact":{"name":"样本","phone":"19900000003"},"collection":{"method":"counter"}}'

-- What stands before the token, and between the token and the slot, for one hall.
local function around_token(path, hall, slot)
  local body = string.format('{"hall":"%s","service":"passport.renewal",', hall)
  local length = #body + #slot + #before_number + 18 + #after_number
  local head = "POST " .. path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"]
    .. "\r\nContent-Type: application/json\r\nContent-Length: " .. length .. "\r\nAuthorization: Bearer "
  return head, "\r\n\r\n" .. body
end

local function bookings(case, path, tokens, first, counter)
  prepare_numbers()
  local slots, halls = slots_from(first), {}
  if case == "spread" then
    for hall = 0, HALLS - 1 do
      halls[#halls + 1] = "bench-" .. hall
    end
  elseif case == "hot" then
    -- Another slot in each turn: one has a million places, and a whole run takes more.
    halls[1], slots = "bench-0", { slots[math.floor(counter / PLACES_OF_A_TURN) % #slots + 1] }
  else
    halls[1], slots = "bench-full", { slots[1] }
  end
  local heads, bodies = {}, {}
  for at, hall in ipairs(halls) do
    heads[at], bodies[at] = around_token(path, hall, slots[1])
  end
  for at, slot in ipairs(slots) do
    slots[at] = slot .. before_number
  end
  return function()
    counter = counter + 1
    local hall, slot = counter % #halls + 1, math.floor(counter / #halls) % #slots + 1
    local division, birth, sequence, check = id_number(counter)
    return heads[hall] .. tokens[counter % #tokens + 1] .. bodies[hall] .. slots[slot] .. division .. birth .. sequence
      .. check .. after_number
  end
end

local function readings(path, tokens)
  local requests, counter = {}, 0
  for at, token in ipairs(tokens) do
    requests[at] = wrk.format("GET", path, { Authorization = "Bearer " .. token })
  end
  return function()
    counter = counter + 1
    return requests[counter % #requests + 1]
  end
end

function init(args)
  local case, path = args[1], args[2]
  if case == "get" then
    wrk.path = path -- Without a function `request` wrk sends the same bytes again and again.
  elseif case == "mine" then
    request = readings(path, tokens_of(args[3]))
  else
    request = bookings(case, path, tokens_of(args[3]), args[4], tonumber(args[5]))
  end
  local pause_ms = tonumber(args[6] or 0)
  if pause_ms > 0 then
    -- Only where there is a pause: a script that has this function waits for it each time.
    function delay()
      return math.random(0, math.floor(2 * pause_ms + 0.5))
    end
  end
end

-- Requests, seconds, p50 and p99 in ms, answers with another status than 2xx or 3xx, connections that failed or waited
-- too long.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %.6f %.3f %.3f %d %d\n", summary.requests, summary.duration / 1000000,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
