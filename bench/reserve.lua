-- POST /reserv: every request another place, counted on from the first argument; see bench/reserving.py.
local place, last_day, customers, designers

function init(arguments)
  place, last_day = tonumber(arguments[1]), tonumber(arguments[2])
  customers, designers = tonumber(arguments[3]), tonumber(arguments[4])
end

function request()
  local n = place
  place = place + 1
  local slot = math.floor(n / designers) % 18
  local body = string.format(
    '{"time": "%s-%02d:%02d", "id": "customer%d", "designer_id": "designer%d", "note": "앞머리는 그대로"}',
    os.date("%Y%m%d", last_day + math.floor(n / (36 * designers)) * 86400),
    10 + math.floor(slot / 2), slot % 2 * 30, 1 + n * 7 % customers, 1 + n % designers)
  return wrk.format("POST", "/reserv", nil, body)
end
