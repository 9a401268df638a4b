-- When Redis itself may drop what is over at `due`, in milliseconds since the epoch. It counts from the
-- later of that and now: no wrong clock, of an application or of this server, makes anything vanish early.
local function dropped_at(due, retention)
  local time = redis.call('TIME')
  return string.format('%.0f', (math.max(due, tonumber(time[1]) + 1) + retention) * 1000)
end

-- The index of a bucket has what is in it by the moment from which the sweeper may take it.
local function put(key, index, member, value, due, retention)
  redis.call('SET', key, value, 'PXAT', dropped_at(due, retention))
  redis.call('ZADD', index, due, member)
end

-- Lets a key live on until Redis would drop what is over at `due`; never shortens its life.
local function stay(key, due, retention)
  local wanted, time = dropped_at(due, retention), redis.call('TIME')
  if redis.call('PTTL', key) < tonumber(wanted) - tonumber(time[1]) * 1000 then
    redis.call('PEXPIREAT', key, wanted)
  end
end
