-- KEYS: session, index, newest. ARGV: id, value, due, retention, channel, and for a record created_at. Stores
-- what is newer than what is there, as `supersedes` in core/moving.py says. Returns 1 if it was, 0 if not, or nothing if what is there cannot be read.
local present = redis.call('GET', KEYS[1])
if present and is_tombstone(present) then
  if reason(present) ~= 'moved' then return 0 end
elseif present then
  local record, new = unpack_record(present), unpack_head(ARGV[2])
  if not record then return false end
  if new and new.rev <= record.rev then return 0 end
end
put(KEYS[1], KEYS[2], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]))
if ARGV[6] then redis.call('ZADD', KEYS[3], ARGV[6], ARGV[1]) else redis.call('ZREM', KEYS[3], ARGV[1]) end
redis.call('PUBLISH', ARGV[5], ARGV[1])
return 1
