-- KEYS: session, index. ARGV: id, seen_at, retention. Tells nobody.
local record = unpack_head(redis.call('GETRANGE', KEYS[1], 0, HEAD_BYTES - 1))
local seen_at = tonumber(ARGV[2])
if not record or seen_at <= record.seen or seen_at > deadline(record) then return 0 end
record.seen = seen_at
-- First what Redis allows with its memory full: nobody is signed out for being active then.
redis.call('PEXPIREAT', KEYS[1], dropped_at(deadline(record), tonumber(ARGV[3])))
redis.call('SETRANGE', KEYS[1], 2, struct.pack('<dd', record.rev + 1, seen_at))
redis.call('ZADD', KEYS[2], deadline(record), ARGV[1])
return 1
