-- KEYS: session, index, newest, and where notes are taken. ARGV: id, value, channel, and the key of the note.
-- Takes back what was created, unless it has ended meanwhile.
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
if KEYS[4] then redis.call('HDEL', KEYS[4], ARGV[4]) end
redis.call('PUBLISH', ARGV[3], ARGV[1])
return 1
