-- KEYS: row, index, versions. ARGV: key, value, expected version, expires_at, retention.
-- Returns 1 if stored. The counter gives no version twice, so a row that was deleted and made again is another.
local value = redis.call('GET', KEYS[1])
local version = value and struct.unpack('<d', value) or 0
if version ~= tonumber(ARGV[3]) then return 0 end
local stored = struct.pack('<d', redis.call('INCR', KEYS[3])) .. ARGV[2]
put(KEYS[1], KEYS[2], ARGV[1], stored, tonumber(ARGV[4]), tonumber(ARGV[5]))
return 1
