-- An entry of a stream as one string, as ledger.py takes it apart: to parse many small answers takes long there.
local function pack_entry(entry)
  local fields = entry[2]
  local place, digest, text = fields[2], fields[4], fields[6]
  return struct.pack('<ddI4I4', entry[1]:match('^%d+'), place, #digest, #text) .. digest .. text
end
