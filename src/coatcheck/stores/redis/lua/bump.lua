-- KEYS: user. ARGV: retention. Raises the version; returns the whole entry.
-- With its memory full Redis refuses what may grow, but only as a script's first write.
redis.call('HDEL', KEYS[1], '')
redis.call('HINCRBY', KEYS[1], 'version', 1)
-- Longer than any sign-in is under way: none can take a version that begins anew for the one it has read.
stay(KEYS[1], 0, tonumber(ARGV[1]))
return redis.call('HGETALL', KEYS[1])
