-- Leaves a note about a change in KEYS[4], if notes are taken: under a key that says what changed, since when
-- it lies there, when it happened, and whom it concerns.
local function note(key, at, user)
  if not KEYS[4] or key == '' then return end
  local time = redis.call('TIME')
  redis.call('HSETNX', KEYS[4], key, time[1] .. string.format('%06d', time[2]) .. '\n' .. at .. '\n' .. user)
end
