-- KEYS: session, index, newest, and where notes are taken. ARGV: id, reason, at, retention, channel, and the
-- revision it must have, or ''; with notes the key of this one.
-- Returns 1 if the session was alive.
local value = redis.call('GET', KEYS[1])
local at, retention = tonumber(ARGV[3]), tonumber(ARGV[4])
if value and is_tombstone(value) then
  -- A write all the same: WAIT counts the replicas that have this connection's latest one.
  redis.call('PEXPIREAT', KEYS[1], dropped_at(at, retention))
  return 0
end
-- What cannot be read is ended all the same.
local record = value and unpack_record(value) or {user = '', family = ''}
if ARGV[6] ~= '' and tonumber(ARGV[6]) ~= record.rev then return 0 end
local tombstone = struct.pack('<c1dI4I4I4', 'T', at, #record.user, #record.family, #ARGV[2])
  .. record.user .. record.family .. ARGV[2]
-- With its memory full Redis refuses what may grow, but only as a script's first write.
redis.call('DEL', KEYS[1])
put(KEYS[1], KEYS[2], ARGV[1], tombstone, at, retention)
redis.call('ZREM', KEYS[3], ARGV[1])
if value then note(ARGV[7], ARGV[3], record.user) end
redis.call('PUBLISH', ARGV[5], ARGV[1])
return value and 1 or 0
