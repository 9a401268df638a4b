-- KEYS: streams of chains. ARGV: a number in each, or 'last'. Returns an entry for each, '' where there is none.
local found = {}
for place, stream in ipairs(KEYS) do
  local number = ARGV[place]
  local entries
  if number == 'last' then
    entries = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)
  else
    entries = redis.call('XRANGE', stream, number .. '-0', number .. '-0')
  end
  found[place] = entries[1] and pack_entry(entries[1]) or ''
end
return found
