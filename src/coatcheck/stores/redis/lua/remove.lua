-- KEYS: index, then what to remove. ARGV: a moment or '', then what the index calls them.
-- Removes what is due before the moment, or all. Returns how many there were: Redis may have dropped some itself.
local removed = 0
for number = 2, #KEYS do
  local member = ARGV[number]
  local due = redis.call('ZSCORE', KEYS[1], member)
  if ARGV[1] == '' or (due and tonumber(due) < tonumber(ARGV[1])) then
    redis.call('UNLINK', KEYS[number])
    removed = removed + redis.call('ZREM', KEYS[1], member)
  end
end
return removed
