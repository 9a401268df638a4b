-- A session's value: fixed numbers and digests, then eight parts with their lengths before them.
-- What is inside the parts is the library's affair; nothing here decodes what an application stored.
local LAYOUT = '<c1c1dddddc32c32I4I4I4I4I4I4I4I4'
local HEADER = 138
local HEAD, HEAD_BYTES = '<c1c1dddd', 34
local PARTS = {'user', 'facts', 'amr', 'chain', 'fixed', 'index', 'data', 'grants'}

local function is_tombstone(value)
  return value:sub(1, 1) == 'T'
end

-- Why a session ended: the last part of its tombstone.
local function reason(tombstone)
  local _, _, user, family = struct.unpack('<c1dI4I4', tombstone)
  return tombstone:sub(22 + user + family)
end

local function deadline(record)
  return math.min(record.seen + record.idle, record.absolute)
end

-- The start of a record, without its parts; nil if it is none, or its deadline is no number.
local function unpack_head(value)
  if #value < HEAD_BYTES or value:sub(1, 1) ~= 'R' then return nil end
  local _, due, rev, seen, idle, absolute = struct.unpack(HEAD, value)
  local sum = rev + seen + idle + absolute
  if sum - sum ~= 0 then return nil end
  return {due = due, rev = rev, seen = seen, idle = idle, absolute = absolute}
end

-- The record as a table, or nil if the value makes no sense.
local function unpack_record(value)
  local record = #value >= HEADER and unpack_head(value)
  if not record then return nil end
  local found = {struct.unpack(LAYOUT, value)}
  record.auth, record.digest, record.family = found[7], found[8], found[9]
  local at = HEADER + 1
  for number, part in ipairs(PARTS) do
    local length = found[9 + number]
    record[part] = value:sub(at, at + length - 1)
    at = at + length
  end
  if at ~= #value + 1 then return nil end
  return record
end

local function pack_record(record)
  local parts, lengths = {}, {}
  for number, part in ipairs(PARTS) do
    parts[number] = record[part]
    lengths[number] = #record[part]
  end
  return struct.pack(
    LAYOUT, 'R', record.due, record.rev, record.seen, record.idle, record.absolute, record.auth,
    record.digest, record.family, unpack(lengths)
  ) .. table.concat(parts)
end
