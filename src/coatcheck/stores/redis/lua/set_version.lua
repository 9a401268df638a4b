-- KEYS: user. ARGV: version, expected version, retention. Returns 1 if it was set.
-- As text: a version may have more digits than Lua's numbers hold.
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1])
stay(KEYS[1], 0, tonumber(ARGV[3]))
return 1
