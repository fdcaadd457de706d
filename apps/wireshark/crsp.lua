-- SPDX-License-Identifier: BSD-3-Clause
--
-- CRSP for Wireshark and tshark, 3.6 or later: packets of model/PROTOCOL.md §3, and frames (§7) and
-- session messages (§9) of captures that `crsp decrypt` has been over. See README.md beside this.

local crsp = Proto("crsp", "Controller-Renderer-Server Protocol")

---------------------------------------------------------------------------------------------------
-- Names

local PACKETS = {
    [0x40] = "Data", [0x41] = "Data", [0x60] = "Data, decrypted", [0x61] = "Data, decrypted",
    [0x80] = "Initial", [0x81] = "Response", [0x82] = "Version negotiation", [0x83] = "Retry",
    [0x84] = "Reset", [0x85] = "Finish",
}
local SUITES = { [1] = "AES-256-GCM", [2] = "ChaCha20-Poly1305" }
local MODES = { [1] = "shared key (NNpsk0)", [2] = "no-auth (NN)", [3] = "keyed (IKpsk2)",
                [4] = "pairing (XXpsk3)" }
local SENDERS = { [1] = "initiator", [2] = "responder" }
local TRANSPORT_ERRORS = {
    [0x00] = "NO_ERROR", [0x01] = "INTERNAL_ERROR", [0x02] = "CONNECTION_REFUSED",
    [0x03] = "FLOW_CONTROL_ERROR", [0x04] = "STREAM_LIMIT_ERROR", [0x05] = "STREAM_STATE_ERROR",
    [0x06] = "FINAL_SIZE_ERROR", [0x07] = "FRAME_ENCODING_ERROR",
    [0x08] = "TRANSPORT_PARAMETER_ERROR", [0x0a] = "PROTOCOL_VIOLATION",
    [0x0c] = "APPLICATION_ERROR", [0x0f] = "AEAD_LIMIT_REACHED", [0x20] = "CONGESTED",
}
local MEDIA_ERRORS = {
    [0] = "NONE", [1] = "NO_SUCH_ENTRY", [2] = "VERSION_CHANGED", [3] = "UNKNOWN_SERVER",
    [4] = "SERVER_UNREACHABLE", [5] = "NOT_AVAILABLE_IN_STATE", [6] = "STALE_GENERATION",
    [7] = "READ_FAILED", [8] = "BUSY", [9] = "NOT_SUPPORTED", [10] = "MALFORMED_MESSAGE",
    [11] = "TIMEOUT", [12] = "CONNECTION_LOST", [13] = "SINK_FAILED",
    [14] = "OFFSET_OUT_OF_RANGE", [15] = "SUPERSEDED", [16] = "NOT_OWNER", [17] = "NOT_ALLOWED",
}
local STATES = { [0] = "NO_MEDIA", [1] = "CONNECTING", [2] = "BUFFERING", [3] = "PLAYING",
                 [4] = "PAUSED", [5] = "STOPPED", [6] = "ENDED", [7] = "ERROR" }
local END_REASONS = { [0] = "complete", [1] = "stopped", [2] = "failed", [3] = "replaced" }
local OWNERS = { [0] = "nobody", [1] = "you", [2] = "another" }

---------------------------------------------------------------------------------------------------
-- Fields

local f = {}        -- by what follows "crsp."
local fields = {}
local function field(name, kind, title, ...)
    f[name] = ProtoField[kind]("crsp." .. name, title, ...)
    fields[#fields + 1] = f[name]
end

field("type", "uint8", "Packet", base.HEX, PACKETS)
field("version", "uint32", "Version", base.HEX)
field("suite", "uint8", "Suite", base.DEC, SUITES)
field("mode", "uint8", "Mode", base.DEC, MODES)
field("source_id", "uint64", "Source id", base.HEX)
field("destination_id", "uint64", "Destination id", base.HEX)
field("connection", "uint64", "Connection", base.HEX)
field("sender", "uint8", "Sent by", base.DEC, SENDERS)
field("packet_number", "uint64", "Packet number", base.DEC)
field("key_phase", "uint8", "Key phase", base.DEC, { [0] = "even", [1] = "odd" })
field("noise", "bytes", "Noise message")
field("mac1", "bytes", "mac1")
field("mac2", "bytes", "mac2")
field("cookie", "bytes", "Cookie")
field("reset_token", "bytes", "Reset token")
field("sealed", "bytes", "Sealed frames")
field("tag", "bytes", "Tag")
field("frame", "none", "Frame")
field("frame.type", "uint8", "Type", base.HEX)
field("frame.name", "string", "Name")
field("padding", "uint32", "Bytes of padding")
field("ack.largest", "uint64", "Largest acknowledged")
field("ack.delay", "uint64", "ACK delay, us")
field("ack.range_count", "uint64", "Further ranges")
field("ack.first_range", "uint64", "First range")
field("ack.gap", "uint64", "Gap")
field("ack.range", "uint64", "Range")
field("ack.ect0", "uint64", "ECT(0)")
field("ack.ect1", "uint64", "ECT(1)")
field("ack.ce", "uint64", "CE")
field("stream.id", "uint64", "Stream")
field("stream.offset", "uint64", "Offset")
field("stream.length", "uint64", "Length")
field("stream.fin", "bool", "Fin")
field("stream.data", "bytes", "Data")
field("error", "uint64", "Error code", base.DEC, TRANSPORT_ERRORS)
field("application_error", "uint64", "Application error code", base.DEC, MEDIA_ERRORS)
field("reason", "string", "Reason")
field("final_size", "uint64", "Final size")
field("maximum", "uint64", "Maximum")
field("limit", "uint64", "Limit")
field("challenge", "uint64", "Challenge", base.HEX)
field("range.begin", "uint64", "Begin")
field("range.end", "uint64", "End")
field("repair.number", "uint8", "Repair symbol")
field("repair.first", "uint8", "First symbol covered")
field("repair.blocks", "uint64", "Blocks")
field("repair.block_length", "uint64", "Block length")
field("repair.symbol_size", "uint64", "Symbol size")
field("repair.symbol", "bytes", "Repair symbol")
field("datagram.length", "uint64", "Length")
field("datagram.data", "bytes", "Data")
field("message", "none", "Message")
field("message.length", "uint64", "Length")
field("message.command", "uint64", "Command", base.HEX)
field("message.start", "uint64", "Start")
field("message.count", "uint64", "Count")
field("message.change", "uint64", "Change counter")
field("message.total", "uint64", "Total")
field("message.entry", "uint64", "Entry", base.HEX)
field("message.entry_version", "uint64", "Entry version", base.HEX)
field("message.size", "uint64", "Size")
field("message.name", "string", "Name")
field("message.lifetime", "uint64", "Lifetime, ms")
field("message.renderer_key", "bytes", "Renderer key")
field("message.grant", "bytes", "Grant")
field("message.generation", "uint64", "Generation")
field("message.server", "string", "Server")
field("message.offset", "uint64", "Offset")
field("message.position", "uint64", "Position")
field("message.rendered", "uint64", "Bytes rendered")
field("message.reason", "uint8", "Reason", base.DEC, END_REASONS)
field("message.state", "uint8", "State", base.DEC, STATES)
field("message.actions", "uint8", "Available actions", base.HEX)
field("message.code", "uint64", "Code", base.DEC, MEDIA_ERRORS)
field("message.retryable", "bool", "Retryable")
field("message.text", "string", "Text")
field("message.retry_after", "uint64", "Retry after, ms")
field("message.owner", "uint8", "Owner", base.DEC, OWNERS)

---------------------------------------------------------------------------------------------------
-- Expert information

local function alert(name, text, group, severity)
    return ProtoExpert.new("crsp.expert." .. name, text, group, severity)
end
local e = {
    malformed = alert("malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR),
    version = alert("unknown_version", "Version that this dissector does not know",
                     expert.group.UNDECODED, expert.severity.WARN),
    suite = alert("unknown_suite", "Unknown suite", expert.group.PROTOCOL, expert.severity.WARN),
    mode = alert("unknown_mode", "Unknown mode", expert.group.PROTOCOL, expert.severity.WARN),
    short = alert("short_initial", "Initial of less than 1,200 bytes (CRSP §3.4)",
                   expert.group.PROTOCOL, expert.severity.WARN),
    number = alert("packet_number", "Packet number above 2^62 - 1 (CRSP §3.3)",
                    expert.group.PROTOCOL, expert.severity.WARN),
    frames = alert("too_many_frames", "More than 16 frames in a packet (CRSP §7)",
                    expert.group.PROTOCOL, expert.severity.WARN),
    reserved = alert("reserved", "Reserved bits are not zero", expert.group.PROTOCOL,
                      expert.severity.WARN),
    sealed = alert("sealed", "Encrypted; see crsp decrypt", expert.group.DECRYPTION,
                    expert.severity.CHAT),
    cut = alert("cut_off", "The capture has only the beginning of the packet",
                 expert.group.UNDECODED, expert.severity.NOTE),
    message = alert("unknown_message", "Message type that this dissector does not know",
                     expert.group.UNDECODED, expert.severity.NOTE),
}

---------------------------------------------------------------------------------------------------
-- Reading

-- A place in a buffer. Reading behind the end raises MALFORMED, which each packet catches.
local MALFORMED = "cut short"

local Cursor = {}
Cursor.__index = Cursor

local function cursor(tvb, at, stop)
    return setmetatable({ tvb = tvb, at = at or 0, stop = stop or tvb:len() }, Cursor)
end

function Cursor:left() return self.stop - self.at end

function Cursor:take(count)
    if count > self:left() then error(MALFORMED, 0) end
    local range = self.tvb(self.at, count)
    self.at = self.at + count
    return range
end

function Cursor:u8() local range = self:take(1); return range:uint(), range end

-- A variable-length integer as number (exact below 2^53), its bytes, and it as a UInt64.
function Cursor:varint()
    if self:left() < 1 then error(MALFORMED, 0) end
    local length = 2 ^ math.floor(self.tvb(self.at, 1):uint() / 64)
    local range = self:take(length)
    local low = length == 8 and range(4, 4):uint() or 0
    local high
    if length == 1 then return range:uint(), range, UInt64(range:uint()) end
    if length == 2 then high = range:uint() - 0x4000; return high, range, UInt64(high) end
    if length == 4 then high = range:uint() - 0x80000000; return high, range, UInt64(high) end
    high = range(0, 4):uint() - 0xc0000000
    return high * 2 ^ 32 + low, range, UInt64(low, high)
end

-- The kinds of fields in frames and messages: each adds its field, and returns its value.
local KINDS = {}
function KINDS.i(tree, name, c)
    local value, range, exact = c:varint()
    tree:add(f[name], range, exact)
    return value
end
function KINDS.u64(tree, name, c) tree:add(f[name], c:take(8)) end
function KINDS.u8(tree, name, c)
    local value, range = c:u8()
    tree:add(f[name], range)
    return value
end
function KINDS.key(tree, name, c) tree:add(f[name], c:take(32)) end
-- Text and bytes with their length in front.
local function prefixed(c)
    local length = c:varint()
    return c:take(length)
end
function KINDS.s(tree, name, c)
    local range = prefixed(c)
    tree:add(f[name], range)
    return range:string()
end
function KINDS.bytes(tree, name, c) tree:add(f[name], prefixed(c)) end

local function read_fields(tree, c, list)
    local first
    for _, entry in ipairs(list) do
        local value = KINDS[entry[2]](tree, entry[1], c)
        first = first or value
    end
    return first
end

---------------------------------------------------------------------------------------------------
-- Session messages (§9.2)

local EXPECTED = { { "message.generation", "i" } }
local DONE = { { "message.generation", "i" }, { "message.position", "i" } }
local MESSAGES = {
    [10] = { "LIST", { { "message.start", "i" }, { "message.count", "i" } } },
    [11] = { "LISTING" },
    [12] = { "GRANT", { { "message.entry", "u64" }, { "message.entry_version", "u64" },
                        { "message.renderer_key", "key" }, { "message.lifetime", "i" } } },
    [13] = { "GRANTED", { { "message.lifetime", "i" }, { "message.grant", "bytes" } } },
    [20] = { "RENDER", { { "message.generation", "i" }, { "message.server", "s" },
                         { "message.entry", "u64" }, { "message.entry_version", "u64" },
                         { "message.offset", "i" }, { "message.grant", "bytes" } } },
    [21] = { "CONTENTS", { { "message.generation", "i" }, { "message.entry", "u64" },
                           { "message.entry_version", "u64" }, { "message.offset", "i" },
                           { "message.size", "i" } } },
    [22] = { "RENDERING_BEGUN", { { "message.generation", "i" }, { "message.entry", "u64" },
                                  { "message.entry_version", "u64" }, { "message.size", "i" } } },
    [23] = { "RENDERING_ENDED", { { "message.generation", "i" }, { "message.rendered", "i" },
                                  { "message.reason", "u8" }, { "message.code", "i" } } },
    [30] = { "PAUSE", EXPECTED }, [31] = { "PAUSED", DONE },
    [32] = { "RESUME", EXPECTED }, [33] = { "RESUMED", DONE },
    [34] = { "RESTART", EXPECTED }, [35] = { "RESTARTED", DONE },
    [36] = { "SEEK" }, [37] = { "SOUGHT" },
    [40] = { "STOP", EXPECTED }, [41] = { "STOPPED", DONE },
    [42] = { "STATUS", {} },
    [43] = { "STATUS_REPORT", { { "message.state", "u8" }, { "message.generation", "i" },
                                { "message.entry", "u64" }, { "message.position", "i" },
                                { "message.size", "i" }, { "message.actions", "u8" },
                                { "message.code", "i" } } },
    [44] = { "ERROR", { { "message.code", "i" }, { "message.retryable", "u8" },
                        { "message.text", "s" }, { "message.retry_after", "i" } } },
    [45] = { "TAKE_OVER", {} },
    [46] = { "OWNERSHIP", { { "message.owner", "u8" } } },
    [99] = { "EXIT", {} },
}
local MESSAGE_NAMES = {}
for number, message in pairs(MESSAGES) do MESSAGE_NAMES[number] = message[1] end
field("message.type", "uint64", "Type", base.DEC, MESSAGE_NAMES)

local function read_listing(tree, c)
    KINDS.i(tree, "message.change", c)
    KINDS.i(tree, "message.total", c)
    KINDS.i(tree, "message.start", c)
    local count = KINDS.i(tree, "message.count", c)
    for _ = 1, count do
        read_fields(tree, c, { { "message.entry", "u64" }, { "message.entry_version", "u64" },
                               { "message.size", "i" }, { "message.name", "s" } })
    end
end

-- One whole message; returns its name.
local function read_message(tree, c)
    local from = c.at
    local length, length_range = c:varint()
    local stop = c.at + length
    if length > c:left() then error(MALFORMED, 0) end
    local branch = tree:add(f["message"], c.tvb(from, stop - from))
    branch:add(f["message.length"], length_range, UInt64(length))
    local inner = cursor(c.tvb, c.at, stop)
    c.at = stop
    local number, type_range, exact = inner:varint()
    branch:add(f["message.type"], type_range, exact)
    branch:add(f["message.command"], inner:take(8))
    local message = MESSAGES[number]
    local name = message and message[1] or "message " .. number
    branch:set_text("Message: " .. name)
    if number == 11 then
        read_listing(branch, inner)
    elseif message and message[2] then
        read_fields(branch, inner, message[2])
    else
        branch:add_proto_expert_info(e.message)
        return name
    end
    if inner:left() > 0 then branch:add_proto_expert_info(e.malformed, "Bytes behind the last field") end
    return name
end

---------------------------------------------------------------------------------------------------
-- What is known of connections and streams, from the packets in front

local ids         -- id that packets carry -> connection, as hexadecimal text
local pairs_seen  -- addresses -> connection
local of_packet   -- packet -> connection
local streams     -- connection, sender and stream -> what has come of a control stream
local completed   -- packet -> text of messages that it completed

function crsp.init()
    ids, pairs_seen, of_packet, streams, completed = {}, {}, {}, {}, {}
end

local function hex64(range) return tostring(range:bytes()):lower() end

local function pair_of(pinfo)
    local a = tostring(pinfo.src) .. ":" .. pinfo.src_port
    local b = tostring(pinfo.dst) .. ":" .. pinfo.dst_port
    return a < b and a .. " " .. b or b .. " " .. a
end

-- Which connection a packet is of: told by `known`, by its id, or by who sends it to whom.
local function connection_of(pinfo, id, known)
    if pinfo.visited then return of_packet[pinfo.number] end
    local connection = known or ids[id] or pairs_seen[pair_of(pinfo)]
    if connection then ids[id] = connection end
    of_packet[pinfo.number] = connection
    return connection
end

local function begins_connection(pinfo, id)
    if pinfo.visited then return end
    ids[id] = id
    pairs_seen[pair_of(pinfo)] = id
    of_packet[pinfo.number] = id
end

local function add_connection(tree, connection)
    if not connection then return end
    local number = UInt64(tonumber(connection:sub(9), 16), tonumber(connection:sub(1, 8), 16))
    tree:add(f["connection"], number):set_generated()
end

local MAX_WAITING = 65536   -- bytes of a control stream that wait for what is missing
local MAX_PIECES = 256      -- in so many pieces

-- Puts bytes of a control stream where they belong, and cuts off the messages that are whole.
local function gather(stream, offset, bytes)
    if offset + #bytes <= stream.next then return {} end
    if offset > stream.next then
        if #bytes + stream.waiting <= MAX_WAITING and #stream.pending < MAX_PIECES then
            stream.waiting = stream.waiting + #bytes
            stream.pending[#stream.pending + 1] = { offset, bytes }
        end
        return {}
    end
    local fresh = bytes:sub(stream.next - offset + 1)
    stream.next = stream.next + #fresh
    stream.text = stream.text .. fresh
    local pending = stream.pending
    stream.pending, stream.waiting = {}, 0
    local messages = {}
    while true do
        local first = stream.text:byte(1)
        if not first then break end
        local size = 2 ^ math.floor(first / 64)
        if #stream.text < size then break end
        local length = first % 64
        for i = 2, size do length = length * 256 + stream.text:byte(i) end
        if #stream.text < size + length then break end
        messages[#messages + 1] = stream.text:sub(1, size + length)
        stream.text = stream.text:sub(size + length + 1)
    end
    for _, piece in ipairs(pending) do
        for _, message in ipairs(gather(stream, piece[1], piece[2])) do
            messages[#messages + 1] = message
        end
    end
    return messages
end

local function note_control(pinfo, connection, sender, id, offset, range)
    if pinfo.visited then return end
    local key = tostring(connection) .. " " .. sender .. " " .. id
    local stream = streams[key] or { next = 0, text = "", pending = {}, waiting = 0 }
    streams[key] = stream
    local messages = gather(stream, offset, range:raw())
    if #messages == 0 then return end
    completed[pinfo.number] = completed[pinfo.number] or {}
    for _, message in ipairs(messages) do table.insert(completed[pinfo.number], message) end
end

---------------------------------------------------------------------------------------------------
-- Frames (§7)

local FRAMES = {
    [0x01] = { "PING", {} },
    [0x04] = { "RESET_STREAM", { { "stream.id", "i" }, { "application_error", "i" },
                                 { "final_size", "i" } } },
    [0x05] = { "STOP_SENDING", { { "stream.id", "i" }, { "application_error", "i" } } },
    [0x10] = { "MAX_DATA", { { "maximum", "i" } } },
    [0x11] = { "MAX_STREAM_DATA", { { "stream.id", "i" }, { "maximum", "i" } } },
    [0x12] = { "MAX_STREAMS", { { "maximum", "i" } } },
    [0x13] = { "MAX_STREAMS", { { "maximum", "i" } } },
    [0x14] = { "DATA_BLOCKED", { { "limit", "i" } } },
    [0x15] = { "STREAM_DATA_BLOCKED", { { "stream.id", "i" }, { "limit", "i" } } },
    [0x1a] = { "PATH_CHALLENGE", { { "challenge", "u64" } } },
    [0x1b] = { "PATH_RESPONSE", { { "challenge", "u64" } } },
    [0x1c] = { "CONNECTION_CLOSE", { { "error", "i" }, { "reason", "s" } } },
    [0x1d] = { "CONNECTION_CLOSE", { { "application_error", "i" }, { "reason", "s" } } },
    [0x1f] = { "IMMEDIATE_ACK", {} },
    [0x20] = { "DATA_SKIPPED", { { "stream.id", "i" }, { "range.begin", "i" },
                                 { "range.end", "i" } } },
    [0x22] = { "DATA_RECOVERED", { { "stream.id", "i" }, { "range.begin", "i" },
                                   { "range.end", "i" } } },
}

local function read_ack(tree, c, number)
    local largest = KINDS.i(tree, "ack.largest", c)
    KINDS.i(tree, "ack.delay", c)
    local count = KINDS.i(tree, "ack.range_count", c)
    KINDS.i(tree, "ack.first_range", c)
    for _ = 1, count do
        KINDS.i(tree, "ack.gap", c)
        KINDS.i(tree, "ack.range", c)
    end
    if number == 0x03 then
        for _, name in ipairs({ "ack.ect0", "ack.ect1", "ack.ce" }) do KINDS.i(tree, name, c) end
    end
    return "ACK", string.format("%.0f", largest)
end

local function read_stream(tree, c, number, packet)
    local id = KINDS.i(tree, "stream.id", c)
    local offset = number % 8 >= 4 and KINDS.i(tree, "stream.offset", c) or 0
    local length = number % 4 >= 2 and KINDS.i(tree, "stream.length", c) or c:left()
    tree:add(f["stream.fin"], number % 2 == 1):set_generated()
    local range
    if length > 0 then
        range = c:take(length)
        tree:add(f["stream.data"], range)
    end
    -- 0 is the control stream (§5.4); contents streams are the responder's, and begin with CONTENTS.
    if range and id == 0 then
        note_control(packet.pinfo, packet.connection, packet.sender, id, offset, range)
    elseif range and offset == 0 and id % 4 == 3 then
        local copy = cursor(c.tvb, c.at - length, c.at)
        local ok, name = pcall(read_message, tree, copy)
        if ok then packet.messages[#packet.messages + 1] = name end
    end
    return "STREAM", string.format("%.0f", id)
end

local function read_repair(tree, c)
    local id = KINDS.i(tree, "stream.id", c)
    KINDS.i(tree, "range.begin", c)
    KINDS.u8(tree, "repair.number", c)
    KINDS.u8(tree, "repair.first", c)
    local longest = 0
    for _ = 1, KINDS.i(tree, "repair.blocks", c) do
        local length = KINDS.i(tree, "repair.block_length", c)
        longest = math.max(longest, math.min(length, KINDS.i(tree, "repair.symbol_size", c)))
    end
    if longest > 0 then tree:add(f["repair.symbol"], c:take(longest)) end
    return "REPAIR", string.format("%.0f", id)
end

local function read_datagram(tree, c, number)
    local length = number == 0x31 and KINDS.i(tree, "datagram.length", c) or c:left()
    if length > 0 then tree:add(f["datagram.data"], c:take(length)) end
    return "DATAGRAM"
end

local function read_padding(tree, c)
    local from = c.at - 1
    while c:left() > 0 and c.tvb(c.at, 1):uint() == 0 do c.at = c.at + 1 end
    tree:add(f["padding"], c.tvb(from, c.at - from), c.at - from)
    return "PADDING"
end

local READERS = {
    [0x00] = read_padding, [0x02] = read_ack, [0x03] = read_ack, [0x21] = read_repair,
    [0x30] = read_datagram, [0x31] = read_datagram,
}
for number = 0x08, 0x0f do READERS[number] = read_stream end

-- One frame; returns its name and what else there is to say about it in a line.
local function read_frame(tree, c, packet)
    local from = c.at
    local branch = tree:add(f["frame"], c.tvb(from, c:left()))
    branch:set_text("Frame")
    local number, range = c:varint()
    if number < 256 then branch:add(f["frame.type"], range, number) end
    local name, detail
    if READERS[number] then
        name, detail = READERS[number](branch, c, number, packet)
    elseif FRAMES[number] then
        name = FRAMES[number][1]
        read_fields(branch, c, FRAMES[number][2])
    else
        error(string.format("frame type 0x%x", number), 0)
    end
    branch:set_len(c.at - from)
    branch:set_text("Frame: " .. name .. (detail and " " .. detail or ""))
    branch:add(f["frame.name"], name):set_generated()
    return detail and name .. "(" .. detail .. ")" or name
end

local function read_frames(tree, c, packet)
    local names = {}
    while c:left() > 0 do names[#names + 1] = read_frame(tree, c, packet) end
    if #names > 16 then tree:add_proto_expert_info(e.frames) end
    return names
end

---------------------------------------------------------------------------------------------------
-- Packets (§3)

-- Whether the capture has only the beginning of the packet.
local function is_cut(tvb) return tvb:len() < tvb:reported_len() end

local function read_data(tree, c, pinfo, kind)
    local id_range = c:take(8)
    tree:add(f["destination_id"], id_range)
    local number = c:take(8)
    tree:add(f["packet_number"], number)
    tree:add(f["key_phase"], kind % 2):set_generated()
    if number(0, 1):uint() >= 0x40 then tree:add_proto_expert_info(e.number) end
    if c:left() < 16 then error(MALFORMED, 0) end
    return number:uint64(), hex64(id_range)
end

local function read_sealed(tree, c, pinfo, kind)
    local number, id = read_data(tree, c, pinfo, kind)
    add_connection(tree, connection_of(pinfo, id))
    if is_cut(c.tvb) then
        tree:add_proto_expert_info(e.cut)
    else
        if c:left() > 16 then tree:add(f["sealed"], c:take(c:left() - 16)) end
        tree:add(f["tag"], c:take(16))
    end
    tree:add_proto_expert_info(e.sealed)
    return " " .. tostring(number)
end

-- Messages that were completed here lie in buffers of their own.
local function add_messages(tree, packet)
    for _, text in ipairs(completed[packet.pinfo.number] or {}) do
        local tvb = ByteArray.new(text, true):tvb("Session message")
        local ok, name = pcall(read_message, tree, cursor(tvb))
        if not ok then tree:add_proto_expert_info(e.malformed, "Session message: " .. name) end
        packet.messages[#packet.messages + 1] = ok and name or "malformed message"
    end
end

local function read_decrypted(tree, c, pinfo, kind)
    local number, id = read_data(tree, c, pinfo, kind)
    local trailer = c.tvb(c.stop - 16, 16)
    local packet = { pinfo = pinfo, sender = trailer(8, 1):uint(), messages = {} }
    packet.connection = connection_of(pinfo, id, hex64(trailer(0, 8)))
    add_connection(tree, packet.connection)
    tree:add(f["sender"], trailer(8, 1))
    if trailer(9, 3):uint() ~= 0 or trailer(12, 4):uint() ~= 0 then
        tree:add_proto_expert_info(e.reserved)
    end
    c.stop = c.stop - 16
    local names = read_frames(tree, c, packet)
    add_messages(tree, packet)
    local said = #packet.messages > 0 and " | " .. table.concat(packet.messages, ", ") or ""
    return " " .. tostring(number) .. " " .. table.concat(names, " ") .. said
end

local function read_initial(tree, c, pinfo)
    if c.tvb:reported_len() < 1200 then tree:add_proto_expert_info(e.short) end
    local version = c:take(4)
    tree:add(f["version"], version)
    if version:uint() ~= 0x43525331 then
        tree:add_proto_expert_info(e.version)
        return string.format(" of version 0x%08x", version:uint())
    end
    local suite, suite_range = c:u8()
    tree:add(f["suite"], suite_range)
    if not SUITES[suite] then tree:add_proto_expert_info(e.suite) end
    local mode, mode_range = c:u8()
    tree:add(f["mode"], mode_range)
    if not MODES[mode] then tree:add_proto_expert_info(e.mode) end
    local source = c:take(8)
    tree:add(f["source_id"], source)
    begins_connection(pinfo, hex64(source))
    add_connection(tree, hex64(source))
    if is_cut(c.tvb) then
        tree:add_proto_expert_info(e.cut)
    else
        if c:left() < 32 then error(MALFORMED, 0) end
        tree:add(f["noise"], c:take(c:left() - 32))
        tree:add(f["mac1"], c:take(16))
        tree:add(f["mac2"], c:take(16))
    end
    return ", " .. (MODES[mode] or "mode " .. mode)
end

local function read_id(tree, c, pinfo)
    local range = c:take(8)
    tree:add(f["destination_id"], range)
    add_connection(tree, connection_of(pinfo, hex64(range)))
end

local function read_noise(tree, c, pinfo)
    read_id(tree, c, pinfo)
    tree:add(f["noise"], c:take(c:left()))
    return ""
end

local function read_version_negotiation(tree, c, pinfo)
    read_id(tree, c, pinfo)
    local version = c:take(4)
    tree:add(f["version"], version)
    return string.format(": 0x%08x", version:uint())
end

local function read_retry(tree, c, pinfo)
    read_id(tree, c, pinfo)
    tree:add(f["cookie"], c:take(16))
    return ""
end

local function read_reset(tree, c, pinfo)
    read_id(tree, c, pinfo)
    tree:add(f["reset_token"], c:take(16))
    return ""
end

local PACKET_READERS = {
    [0x40] = read_sealed, [0x41] = read_sealed, [0x60] = read_decrypted, [0x61] = read_decrypted,
    [0x80] = read_initial, [0x81] = read_noise, [0x82] = read_version_negotiation,
    [0x83] = read_retry, [0x84] = read_reset, [0x85] = read_noise,
}
-- Of these nothing follows what has been read.
local WHOLE = { [0x82] = true, [0x83] = true, [0x84] = true }

function crsp.dissector(tvb, pinfo, root)
    if tvb:len() == 0 then return 0 end
    local kind = tvb(0, 1):uint()
    local read = PACKET_READERS[kind]
    if not read then return 0 end
    pinfo.cols.protocol = "CRSP"
    local tree = root:add(crsp, tvb())
    tree:add(f["type"], tvb(0, 1))
    local c = cursor(tvb, 1)
    local ok, text = pcall(read, tree, c, pinfo, kind)
    if not ok and is_cut(tvb) then
        tree:add_proto_expert_info(e.cut)
        text = ", cut off"
    elseif not ok then
        tree:add_proto_expert_info(e.malformed, "Malformed: " .. tostring(text))
        text = ", malformed: " .. tostring(text)
    elseif WHOLE[kind] and c:left() > 0 then
        tree:add_proto_expert_info(e.malformed, "Bytes behind the packet")
    end
    local line = PACKETS[kind]:gsub(", decrypted", "") .. text
    tree:append_text(": " .. line)
    pinfo.cols.info = line
    return tvb:len()
end

---------------------------------------------------------------------------------------------------
-- Which packets these are: those at the ports, those of a conversation that has begun with an
-- Initial, and those to an id that was seen.

local function looks_like_crsp(tvb)
    if tvb:len() < 9 then return false end
    local kind = tvb(0, 1):uint()
    if kind == 0x80 then
        return tvb:reported_len() >= 1200 and tvb(1, 4):uint() == 0x43525331
    end
    return PACKET_READERS[kind] ~= nil and ids[hex64(tvb(1, 8))] ~= nil
end

crsp:register_heuristic("udp", function(tvb, pinfo, root)
    if not looks_like_crsp(tvb) then return false end
    pinfo.conversation = crsp
    crsp.dissector(tvb, pinfo, root)
    return true
end)

crsp.prefs.ports = Pref.range("UDP ports", "59001-59003", "Ports at which CRSP is expected", 65535)

local udp_ports = DissectorTable.get("udp.port")
local registered
local function apply_ports()
    if registered then udp_ports:remove(registered, crsp) end
    registered = crsp.prefs.ports
    udp_ports:add(registered, crsp)
end
crsp.prefs_changed = apply_ports

crsp.fields = fields
crsp.experts = { e.malformed, e.version, e.suite, e.mode, e.short, e.number, e.frames, e.reserved,
                 e.sealed, e.cut, e.message }
apply_ports()
