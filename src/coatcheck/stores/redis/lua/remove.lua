-- KEYS: index, newest, then what to remove. ARGV: a moment or '', then what the index calls them.
-- Removes what is due before the moment, or all. Returns how many there were: Redis may have dropped some itself.
local removed = 0
for number = 3, #KEYS do
  local member = ARGV[number - 1]
  local due = redis.call('ZSCORE', KEYS[1], member)
  if ARGV[1] == '' or (due and tonumber(due) < tonumber(ARGV[1])) then
    redis.call('UNLINK', KEYS[number])
    redis.call('ZREM', KEYS[2], member)
    removed = removed + redis.call('ZREM', KEYS[1], member)
  end
end
return removed
