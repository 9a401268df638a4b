-- KEYS: the stream of a chain. ARGV: a number, how many. Returns so many entries from that number on, in one string.
local packed = {}
for place, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1] .. '-0', '+', 'COUNT', ARGV[2])) do
  packed[place] = pack_entry(entry)
end
return table.concat(packed)
