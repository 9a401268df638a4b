-- KEYS: user. ARGV: id, created_at, absolute_at, retention. Puts a live session into its user's entry again,
-- if a failover lost it there, and lets the entry live as long as the session may.
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
stay(KEYS[1], tonumber(ARGV[3]), tonumber(ARGV[4]))
return 1
