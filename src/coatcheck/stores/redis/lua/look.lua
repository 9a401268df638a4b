-- KEYS: session. Returns nothing if it is not alive, else its user and its deadline; '' if it cannot be read.
local value = redis.call('GET', KEYS[1])
if not value or is_tombstone(value) then return false end
local record = unpack_record(value)
if not record then return {'', ''} end
return {record.user, string.format('%.17g', deadline(record))}
