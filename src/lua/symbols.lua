-- Facts that stand for themselves: each comparison with one is an answer that was given, or is taken to hold.
-- `line`: tells the line of the script. `left`: keeps the comparisons. `choices`: answers to the first of them.
local line, left, choices = ...

local native_next, native_type = next, type

local symbols = {} -- symbol -> { kind, … }
local symbol_meta = { __metatable = false }
local untraceable = nil

local function give_up(words)
    untraceable = untraceable or { line = line(), words = words }
    error(words, 0)
end

local function symbol(entry)
    local made = setmetatable({}, symbol_meta)
    symbols[made] = entry
    return made
end

local FIELDS = {
    [""] = { metaData = "tree", sourceType = "text", sourceContext = "text" },
    metaData = {
        size = "number", container = "text", duration = "number", bitrate = "number", height = "number",
        width = "number", videoStreamList = "list", audioStreamList = "list",
    },
    ["metaData.videoStreamList[1]"] = {
        bitrate = "number", height = "number", width = "number", codec = "text", fps = "number",
    },
    ["metaData.audioStreamList[1]"] = { codec = "text", samplingRate = "number", bitrate = "number" },
}

local function side(value)
    local entry = symbols[value]
    if entry == nil then
        return { value = value }
    elseif entry.kind == "computed" then
        return { operator = entry.operator, left = side(entry.left), right = side(entry.right) }
    end
    return { fact = entry.path }
end

local function words_of(expression)
    if expression.fact then
        return expression.fact
    elseif expression.operator then
        return "(" .. words_of(expression.left) .. expression.operator .. words_of(expression.right) .. ")"
    end
    return native_type(expression.value) .. ":" .. tostring(expression.value)
end

local answers = {} -- comparison in words -> whether it holds

local function decide(operator, left_side, right_side)
    local key = operator .. " " .. words_of(left_side) .. " " .. words_of(right_side)
    if answers[key] == nil then
        local at = #left.decisions + 1
        local holds = choices[at]
        if holds == nil then
            holds = true
        end
        answers[key] = holds
        left.decisions[at] = {
            operator = operator, left = left_side, right = right_side, holds = holds, line = line() or 1,
        }
    end
    return answers[key]
end

function symbol_meta.__index(value, key)
    local entry = symbols[value]
    if entry.kind == "list" then
        if key == 1 then
            return decide("has", { fact = entry.path }, { value = 0 }) and symbol({ kind = "tree", path = entry.path .. "[1]" })
                or nil
        end
        give_up("a stream other than the first is looked at")
    end
    local fields = entry.kind == "tree" and FIELDS[entry.path]
    if not fields then
        give_up("a fact is used as a table")
    end
    local kind = fields[key]
    if kind == nil then
        return nil
    end
    return symbol({ kind = kind, path = (entry.path == "" and "" or entry.path .. ".") .. key })
end

function symbol_meta.__newindex() end

-- What every `#` of a traced script becomes.
local function length(value)
    local entry = symbols[value]
    if entry == nil then
        return #value
    elseif entry.kind ~= "list" then
        give_up("the length of a fact is taken")
    end
    return symbol({ kind = "number", path = "#" .. entry.path })
end

for name, operator in native_next, { __add = "+", __sub = "-", __mul = "*", __div = "/" } do
    symbol_meta[name] = function(one, other)
        return symbol({ kind = "computed", operator = operator, left = one, right = other })
    end
end

for name, words in native_next, {
    __mod = "a remainder of a fact is taken",
    __pow = "a power of a fact is taken",
    __unm = "a fact is negated",
    __idiv = "a fact is divided without rest",
    __concat = "a fact is put into a text",
    __tostring = "a fact is put into a text",
    __call = "a fact is called",
    __iter = "a loop goes over facts",
} do
    symbol_meta[name] = function()
        give_up(words)
    end
end

-- What every comparison of a traced script becomes.
local function compare(operator, one, other)
    local first, second = symbols[one], symbols[other]
    if first == nil and second == nil then
        if operator == "==" then
            return one == other
        elseif operator == "~=" then
            return one ~= other
        elseif operator == "<" then
            return one < other
        elseif operator == "<=" then
            return one <= other
        elseif operator == ">" then
            return one > other
        end
        return one >= other
    end
    local structure = { tree = true, list = true }
    if (first and structure[first.kind]) or (second and structure[second.kind]) then
        if operator == "==" or operator == "~=" then
            return (operator == "==") == rawequal(one, other)
        end
        give_up("a table of facts is compared")
    end
    -- A fact is never nil, and a text is never a number.
    if (operator == "==" or operator == "~=") and (one == nil or other == nil) then
        return operator == "~="
    end
    if operator == ">" then
        return decide("<", side(other), side(one))
    elseif operator == ">=" then
        return decide("<=", side(other), side(one))
    elseif operator == "~=" then
        return not decide("==", side(one), side(other))
    end
    return decide(operator, side(one), side(other))
end

-- What the script has instead of `type` and `tonumber`.
local function kind_of(value)
    local kind = symbols[value] and symbols[value].kind
    if kind == nil then
        return native_type(value)
    elseif kind == "tree" or kind == "list" then
        return "table"
    end
    return kind == "text" and "string" or "number"
end

local function number_of(native, value, base)
    local entry = symbols[value]
    if entry == nil then
        return native(value, base)
    elseif entry.kind == "text" then
        give_up("a number is read from a fact")
    end
    return value
end

return {
    symbols = symbols,
    compare = compare,
    length = length,
    give_up = give_up,
    kind_of = kind_of,
    number_of = number_of,
    media_info = symbol({ kind = "tree", path = "" }),
    untraceable = function()
        return untraceable
    end,
}
