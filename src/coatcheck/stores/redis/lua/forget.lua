-- KEYS: the set of chains, the stream of this chain, the index of everything; then those of each entry. ARGV:
-- chain, the number of the last entry that goes; then of each: its member in the indexes, how many are its own.
local index = 4
for number = 3, #ARGV, 2 do
  redis.call('ZREM', KEYS[3], ARGV[number])
  for _ = 1, tonumber(ARGV[number + 1]) do
    redis.call('ZREM', KEYS[index], ARGV[number])
    index = index + 1
  end
end
redis.call('XTRIM', KEYS[2], 'MINID', (tonumber(ARGV[2]) + 1) .. '-0')
if redis.call('XLEN', KEYS[2]) == 0 then
  redis.call('DEL', KEYS[2])
  redis.call('SREM', KEYS[1], ARGV[1])
end
return 1
