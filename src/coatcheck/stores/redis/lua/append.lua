-- KEYS: the counter of places, the set of chains, the stream of this chain, the index of everything; then those
-- of each entry in which it is, by its name, session and user. ARGV: chain; then of each entry: number, digest,
-- text, how many of the indexes are its own.
-- Returns 1, or 0 if an entry with such a number is there already.
local last = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)[1]
if last and tonumber(last[1]:match('^%d+')) >= tonumber(ARGV[2]) then return 0 end
redis.call('SADD', KEYS[2], ARGV[1])
local index = 5
for number = 2, #ARGV, 4 do
  local seq, digest, text, indexes = unpack(ARGV, number, number + 3)
  local place = redis.call('INCR', KEYS[1])
  redis.call('XADD', KEYS[3], seq .. '-0', 'place', place, 'digest', digest, 'text', text)
  local member = place .. ':' .. ARGV[1] .. ':' .. seq
  redis.call('ZADD', KEYS[4], place, member)
  for _ = 1, tonumber(indexes) do
    redis.call('ZADD', KEYS[index], place, member)
    index = index + 1
  end
end
return 1
