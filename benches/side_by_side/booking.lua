-- Every request books for another applicant, in a session of its own while the sessions last.
-- Arguments: the file with the tokens, "spread" or "hot", the first bookable date, and the number of this run, so that
-- no two runs against one server use one applicant twice.


local weights = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 }
local checks = { "1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2" }

-- The made-up ID number of the nth applicant: 60 years of birthdays, 1,000 numbers a day.
local function id_number(n)
  local sequence, rest = n % 1000, math.floor(n / 1000)
  local day, month, year = rest % 28 + 1, math.floor(rest / 28) % 12 + 1, 1940 + math.floor(rest / 336) % 60
  local head = string.format("330102%04d%02d%02d%03d", year, month, day, sequence)
  local sum = 0
  for at = 1, 17 do
    sum = sum + (string.byte(head, at) - 48) * weights[at]
  end
  return head .. checks[sum % 11 + 1]
end

local tokens, dates, starts, counter, mode = {}, {}, {}, 0, "spread"

function init(args)
  for token in io.lines(args[1]) do
    tokens[#tokens + 1] = token
  end
  mode = args[2]
  local year, month, day = args[3]:match("(%d+)-(%d+)-(%d+)")
  for ahead = 0, 27 do
    dates[#dates + 1] = os.date("%Y-%m-%d", os.time({ year = year, month = month, day = day + ahead, hour = 12 }))
  end
  for band = 0, 13 do
    local minutes = 510 + 30 * band
    starts[#starts + 1] = string.format("%02d:%02d", math.floor(minutes / 60), minutes % 60)
  end
  counter = tonumber(args[4]) * 1000000
end

function request()
  counter = counter + 1
  local hall, date, start = 0, dates[1], starts[1]
  if mode == "spread" then
    hall = counter % 15
    date = dates[math.floor(counter / 15) % #dates + 1]
    start = starts[math.floor(counter / 420) % #starts + 1]
  end
  local body = string.format(
    '{"hall":"bench-%d","service":"passport.renewal","date":"%s","start":"%s","hold":false,'
      .. '"applicants":[{"name":"样本","id_number":"%s","phone":"19900000002"}],"residence":"330106",'
      .. '"emergency_contact":{"name":"样本","phone":"19900000003"},"collection":{"method":"counter"}}',
    hall, date, start, id_number(counter))
  local headers = { ["Content-Type"] = "application/json" }
  headers["Authorization"] = "Bearer " .. tokens[counter % #tokens + 1]
  return wrk.format("POST", "/v1/appointments", headers, body)
end


function done(summary, latency)
  local seconds = summary.duration / 1000000
  io.write(string.format("RESULT %.0f %.2f %.2f %d\n", summary.requests / seconds, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, summary.errors.status + summary.errors.read + summary.errors.timeout))
end
