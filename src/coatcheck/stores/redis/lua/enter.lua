-- KEYS: user. ARGV: id, created_at, absolute_at, retention, version, limit or '', how many are gone, these,
-- then those that take no place. Returns {'in'}, {'stale'}, or {'full', id, created_at, ...}.
-- A user's entry is one hash: `version`, and each session's id with its `created_at`.
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[5] then return {'stale'} end
local gone, free = tonumber(ARGV[7]), {version = true}
for number = 8, #ARGV do free[ARGV[number]] = true end
if ARGV[6] ~= '' then
  local entry, taken = redis.call('HGETALL', KEYS[1]), 0
  local full = {'full'}
  for number = 1, #entry, 2 do
    if not free[entry[number]] then taken = taken + 1 end
    if entry[number] ~= 'version' then
      full[#full + 1] = entry[number]
      full[#full + 1] = entry[number + 1]
    end
  end
  if taken + 1 > tonumber(ARGV[6]) then return full end
end
for number = 8, 7 + gone do redis.call('HDEL', KEYS[1], ARGV[number]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
stay(KEYS[1], tonumber(ARGV[3]), tonumber(ARGV[4]))
return {'in'}
