-- KEYS: session, index, newest, and where notes are taken. ARGV: id, retention, channel, the limit on data in
-- bytes, then the change: seen_at, user and facts, what a commit expects, its digest, family, due and chain, when
-- and how the user authenticated again and until when at most, whether grants move only if they are what is
-- expected ('if') or whatever they are ('any'), the grants, what is expected; '' is what it leaves alone. Then how
-- many keys are given, deleted, set and added to, and these: keys and the values that must be stored ('' for none);
-- keys; keys and values; keys and what is added, the stored value that a sum is of, and the sum. With notes at the
-- end the key of the one about a commit, its moment, and the key of the one about new facts; '' for none.
-- Returns {'saved', value}, {'gone'}, {'corrupt'}, {'stale'}, {'large', bytes}, or {'add', ...}: the stored values
-- that the caller must add to, for Lua knows no number but a double.
local DIGITS = 15 -- so many fit a double exactly, and their sum too

local function join(entries)
  local texts, lengths = {}, {}
  for _, entry in ipairs(entries) do
    if entry.value then
      texts[#texts + 1] = entry.key .. ':' .. entry.value
      lengths[#lengths + 1] = struct.pack('<I4I4', #entry.key, #entry.value)
    end
  end
  return '{' .. table.concat(texts, ',') .. '}', table.concat(lengths)
end

-- Takes the data apart: the index holds the lengths of each key and value. Nil if they do not fit.
local function split(record)
  if #record.index % 8 ~= 0 then return nil end
  local entries, at = {}, 2
  for number = 1, #record.index, 8 do
    local key_bytes, value_bytes = struct.unpack('<I4I4', record.index, number)
    local value_at = at + key_bytes + 1
    entries[#entries + 1] = {
      key = record.data:sub(at, at + key_bytes - 1),
      value = record.data:sub(value_at, value_at + value_bytes - 1),
    }
    at = value_at + value_bytes + 1
  end
  return join(entries) == record.data and entries or nil
end

local function whole(text)
  return #text <= DIGITS and (text:find('^%-?[1-9]%d*$') or text == '0') and tonumber(text)
end

-- Returns the sum as text; nil if it is the caller's to find.
local function add(step, stored, known, sum)
  if sum ~= '' and known == stored then return sum end
  local left, right = whole(step), stored == '' and 0 or whole(stored)
  return left and right and string.format('%.0f', left + right)
end

-- How many bytes a value takes in the clear, as core/ciphertext.py has it.
local function size(value)
  if value:sub(1, 18) ~= '"coatcheck:sealed:' then return #value end
  return math.floor((#value - 19) * 3 / 4) - 33
end

-- Returns what to answer if the change cannot be made.
local function merge(record, at, givens, deletes, sets, addends)
  local entries = split(record)
  if not entries then return {'corrupt'} end
  local places = {}
  for place, entry in ipairs(entries) do places[entry.key] = place end
  local function set(key, value)
    if not places[key] then places[key] = #entries + 1 end
    entries[places[key]] = {key = key, value = value}
  end
  for number = at, at + 2 * givens - 1, 2 do
    local place = places[ARGV[number]]
    if (place and entries[place].value or '') ~= ARGV[number + 1] then return {'stale'} end
  end
  at = at + 2 * givens
  for number = at, at + deletes - 1 do
    local place = places[ARGV[number]]
    if place then entries[place].value = nil end
    places[ARGV[number]] = nil
  end
  at = at + deletes
  for number = at, at + 2 * sets - 1, 2 do set(ARGV[number], ARGV[number + 1]) end
  at = at + 2 * sets
  local stored, unknown = {'add'}, false
  for number = at, at + 4 * addends - 1, 4 do
    local key, step, known, sum = unpack(ARGV, number, number + 3)
    local place = places[key]
    local before = place and entries[place].value or ''
    local after = add(step, before, known, sum)
    stored[#stored + 1] = before
    if after then set(key, after) else unknown = true end
  end
  if unknown then return stored end
  record.data, record.index = join(entries)
  local total, most = #record.data, tonumber(ARGV[4])
  if total <= most then return end
  for _, entry in ipairs(entries) do
    if entry.value then total = total - #entry.value + size(entry.value) end
  end
  if total > most then return {'large', total} end
end

local value = redis.call('GET', KEYS[1])
if not value or is_tombstone(value) then return {'gone'} end
local record = unpack_record(value)
if not record then return {'corrupt'} end
local givens, deletes = tonumber(ARGV[19]), tonumber(ARGV[20])
local sets, addends = tonumber(ARGV[21]), tonumber(ARGV[22])
if givens + deletes + sets + addends > 0 then
  local refusal = merge(record, 23, givens, deletes, sets, addends)
  if refusal then return refusal end
end
local seen, seen_at = record.seen, tonumber(ARGV[5])
if seen_at and seen < seen_at and seen_at <= deadline(record) then seen = seen_at end
local is_known = record.facts ~= ''
if ARGV[7] ~= '' and is_known then
  record.user, record.facts, record.due = ARGV[6], ARGV[7], '\1'
  note(ARGV[#ARGV], 0, record.user)
end
if ARGV[8] == record.digest then
  record.digest, record.family, record.due, record.chain = ARGV[9], ARGV[10], ARGV[11], ARGV[12]
  note(ARGV[#ARGV - 2], ARGV[#ARGV - 1], record.user)
  if ARGV[13] ~= '' and is_known then
    record.auth, record.amr, record.absolute = tonumber(ARGV[13]), ARGV[14], tonumber(ARGV[15])
  end
end
if ARGV[16] == 'any' or (ARGV[16] == 'if' and ARGV[18] == record.grants) then record.grants = ARGV[17] end
record.seen, record.rev = seen, record.rev + 1
value = pack_record(record)
put(KEYS[1], KEYS[2], ARGV[1], value, deadline(record), tonumber(ARGV[2]))
redis.call('PUBLISH', ARGV[3], ARGV[1])
return {'saved', value}
