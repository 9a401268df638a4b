-- KEYS: session, index, newest, and where notes are taken. ARGV: id, value, due, retention, channel, created_at;
-- with notes the key of this one, and the user. Returns 1, or 0 if the id is taken.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
put(KEYS[1], KEYS[2], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]))
redis.call('ZADD', KEYS[3], ARGV[6], ARGV[1])
note(ARGV[7], ARGV[6], ARGV[8])
redis.call('PUBLISH', ARGV[5], ARGV[1])
return 1
