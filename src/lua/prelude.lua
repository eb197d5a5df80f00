-- The classes of task flows. Runs before the script and keeps everything that the script leaves behind.
-- `globals`: what the script will see. `classes`: the names and fields of actions. `facts`: the tree of facts, or nil
-- when they stand for themselves.
-- `choices`: answers to the first comparisons with such facts. `make_symbols`: makes such facts.
local globals, classes, facts, choices, make_symbols = ...

local info, freeze = debug.info, table.freeze
local native_next, native_pairs, native_ipairs, native_type = next, pairs, ipairs, type

-- The line of the script that is at work; nil when none is.
local function line()
    for level = 2, 24 do
        local source, at = info(level, "sl")
        if source == nil then
            return nil
        elseif source == "script" then
            return at
        end
    end
    return nil
end

local left = { problems = {}, decisions = {}, priority = nil }

local function problem(entry)
    if #left.problems < 100 then
        left.problems[#left.problems + 1] = entry
    end
end

-- Actions ------------------------------------------------------------------------------------------------------

local states = {} -- action -> what was set
local element_lines = {} -- list -> index -> line

local function set_field(state, name, value)
    if state.lines[name] == nil then
        state.order[#state.order + 1] = name
    end
    state.values[name], state.lines[name] = value, line() or state.line
end

-- With a colon the object comes first, with a dot it does not.
local function argument(object, first, second)
    if rawequal(first, object) then
        return second
    end
    return first
end

local methods = {}

function methods.addTranscodeDefinition(object, state, id)
    local list = state.values.transcodeDefinition
    if native_type(list) ~= "table" then
        list = { list }
        set_field(state, "transcodeDefinition", list)
    elseif state.lines.transcodeDefinition == nil then
        set_field(state, "transcodeDefinition", list)
    end
    for _, known in native_ipairs(list) do
        if known == id then
            return
        end
    end
    list[#list + 1] = id
    element_lines[list] = element_lines[list] or {}
    element_lines[list][#list] = line()
end

function methods.clearTranscodeDefinition(object, state)
    set_field(state, "transcodeDefinition", {})
end

local function action_class(name, fields)
    local known, own = {}, {}
    for _, field in native_ipairs(fields) do
        known[field] = true
    end
    if known.transcodeDefinition then
        own.addTranscodeDefinition = methods.addTranscodeDefinition
        own.clearTranscodeDefinition = methods.clearTranscodeDefinition
    end
    local class, make = {}, nil
    local meta = { __metatable = false }
    function meta.__index(object, key)
        local state = states[object]
        local value = state.values[key]
        if value ~= nil then
            return value
        elseif own[key] then
            return function(first, second)
                own[key](object, state, argument(object, first, second))
            end
        elseif key == "drm" and known.drm then
            set_field(state, "drm", make("DRM"))
            return state.values.drm
        elseif not known[key] then
            local at = line()
            if at then
                problem({ kind = "member", class = name, name = tostring(key), line = at })
            end
        end
        return nil
    end
    function meta.__newindex(object, key, value)
        set_field(states[object], tostring(key), value)
    end
    function make(as)
        local object = setmetatable({}, meta)
        local values = {}
        if known.transcodeDefinition then
            values.transcodeDefinition = {}
        end
        states[object] = { class = as, line = line() or 1, values = values, lines = {}, order = {} }
        return object
    end
    class.new = function()
        return make(name)
    end
    return freeze(class)
end

-- Sets of actions ----------------------------------------------------------------------------------------------

local sets = {} -- set -> its actions
local set_meta = { __metatable = false }

function set_meta.__index(set, key)
    if key == "addAction" then
        return function(first, second)
            local action = argument(set, first, second)
            if states[action] then
                sets[set][#sets[set] + 1] = action
            else
                problem({ kind = "action", what = native_type(action), line = line() or 1 })
            end
        end
    end
    local at = line()
    if at then
        problem({ kind = "member", class = "ProcessActionSet", name = tostring(key), line = at })
    end
    return nil
end

function set_meta.__newindex(set, key)
    problem({ kind = "member", class = "ProcessActionSet", name = tostring(key), line = line() or 1 })
end

local function new_set()
    local set = setmetatable({}, set_meta)
    sets[set] = {}
    return set
end

-- Facts of the source: to be read, writes are ignored ------------------------------------------------------------

local contents = {} -- view -> what it shows
local view_meta = { __metatable = false }

function view_meta.__index(view, key)
    return contents[view][key]
end

function view_meta.__newindex() end

function view_meta.__len(view)
    return #contents[view]
end

function view_meta.__iter(view)
    return native_next, contents[view]
end

local function view_of(tree)
    if native_type(tree) ~= "table" then
        return tree
    end
    local shown = {}
    for key, value in native_next, tree do
        shown[key] = view_of(value)
    end
    local view = setmetatable({}, view_meta)
    contents[view] = freeze(shown)
    return view
end

-- Without a source its facts stand for themselves.
local traced = facts == nil and make_symbols(line, left, choices) or nil
local symbols = traced and traced.symbols or {}
local media_info = traced and traced.media_info or view_of(facts)

-- File -----------------------------------------------------------------------------------------------------------

local STAGES = { process = "processActionSet", aiReview = "aiReviewActionSet", manualReview = "manualReviewActionSet",
    publish = "publishActionSet" }
local file_sets, file_lines = {}, {}
for stage, name in native_next, STAGES do
    file_sets[name] = new_set()
end
local file_tables = { mediaProperty = {}, publishProperty = {} }
local file_meta = { __metatable = false }

function file_meta.__index(_, key)
    if key == "mediaInfo" then
        return media_info
    end
    if file_sets[key] then
        file_lines[key] = line()
    end
    return file_sets[key] or file_tables[key]
end

function file_meta.__newindex(_, key, value)
    if file_sets[key] and sets[value] then
        file_sets[key], file_lines[key] = value, line()
    end
end

-- Procedures -------------------------------------------------------------------------------------------------------

local made = {} -- instance -> its class
local Base = {}

function Base.setPriority(first, second)
    local value = second
    if value == nil then
        value = first
    end
    left.priority = { value = value, line = line() or 1 }
end

function Base.constructor() end

local function new_class(parent)
    local class = setmetatable({}, { __index = native_type(parent) == "table" and parent or Base })
    local instance_meta = { __index = class }
    class.new = function(first, ...)
        local instance = setmetatable({}, instance_meta)
        made[instance] = class
        if rawequal(first, class) then
            instance:constructor(...)
        else
            instance:constructor(first, ...)
        end
        return instance
    end
    return class
end

-- What the script sees ---------------------------------------------------------------------------------------------

local function only(library, names)
    for name in native_pairs(library) do
        if not names[name] then
            library[name] = nil
        end
    end
end

local function words(text)
    local all = {}
    for word in string.gmatch(text, "%S+") do
        all[word] = true
    end
    return all
end

-- Looking for a plain text takes the product of both lengths, and cannot be interrupted.
local native_find = string.find
string.find = function(text, pattern, ...)
    if #tostring(text) * #tostring(pattern) > 1e8 then
        error("the text and the pattern of `find` are too long", 2)
    end
    return native_find(text, pattern, ...)
end

only(string, words("byte char find format gmatch gsub len lower match rep reverse sub upper"))
only(table, words("concat insert maxn remove sort"))
only(math, words("abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp huge ldexp log log10 max min modf pi pow rad sin sinh sqrt tan tanh"))
only(coroutine, words("create resume running status wrap yield"))
local native_tonumber = tonumber
only(globals, words("_G _VERSION assert coroutine error getmetatable ipairs math next pairs pcall rawequal rawget rawset select setmetatable string table tonumber tostring type unpack xpcall"))

globals.next = function(value, key)
    return native_next(contents[value] or value, key)
end
globals.pairs = function(value)
    if symbols[value] then
        traced.give_up("a loop goes over facts")
    end
    return native_pairs(contents[value] or value)
end
globals.ipairs = function(value)
    if symbols[value] then
        traced.give_up("a loop goes over facts")
    end
    return native_ipairs(contents[value] or value)
end
if traced then
    globals.__vodflow_compare = traced.compare
    globals.__vodflow_length = traced.length
    globals.type = traced.kind_of
    globals.tonumber = function(value, base)
        return traced.number_of(native_tonumber, value, base)
    end
end
globals.File = setmetatable({}, file_meta)
globals.NewProcedureClass = new_class
globals.BaseProcedure = Base
globals.ProcessActionSet = freeze({ new = new_set })
for name, fields in native_next, classes do
    globals[name] = action_class(name, fields)
end
setmetatable(globals, {
    __metatable = false,
    __index = function(_, name)
        local at = line()
        if at then
            problem({ kind = "global", name = tostring(name), line = at })
        end
        return nil
    end,
})

-- The end ----------------------------------------------------------------------------------------------------------

local function collect_action(action, stage)
    local state = states[action]
    local fields = {}
    for at, name in native_ipairs(state.order) do
        local value = state.values[name]
        local inner = states[value]
        local lines = native_type(value) == "table" and element_lines[value] or nil
        local field_line = state.lines[name]
        if inner then
            if inner.lines.definition then
                field_line = inner.lines.definition
            end
            value = { definition = inner.values.definition }
        end
        fields[at] = { name = name, line = field_line, value = value, lines = lines }
    end
    return { class = state.class, stage = stage, line = state.line, fields = fields }
end

local function collect()
    local actions = {}
    for stage, set in native_ipairs(left.sets or {}) do
        for _, action in native_ipairs(sets[set.set]) do
            actions[#actions + 1] = collect_action(action, set.stage)
        end
    end
    return actions
end

local function use_set(stage, set)
    left.sets = left.sets or {}
    left.sets[#left.sets + 1] = { stage = stage, set = set }
end

local function handled(instance, handler, stage)
    local handle = instance[handler]
    if handle == nil then
        return
    end
    local at = native_type(handle) == "function" and info(handle, "l") or nil
    if native_type(handle) ~= "function" then
        problem({ kind = "set", handler = handler, what = native_type(handle), line = at })
        return
    end
    local set = handle(instance)
    if set ~= nil and not sets[set] then
        problem({ kind = "set", handler = handler, what = native_type(set), line = at })
    elseif set ~= nil then
        use_set(stage, set)
    end
end

local function run(create, ...)
    local filled = false
    for _, set in native_next, file_sets do
        filled = filled or #sets[set] > 0
    end
    if native_type(create) ~= "function" then
        if create ~= nil or not filled then
            problem({ kind = "factory" })
        end
    else
        local at = info(create, "l")
        local instance = create(...)
        for _, set in native_next, file_sets do
            filled = filled or #sets[set] > 0
        end
        if made[instance] then
            handled(instance, "handleAiReview", "aiReview")
            handled(instance, "handleProcess", "process")
            for _, handler in native_ipairs({ "handleManualReview", "handlePublish" }) do
                local handle = instance[handler]
                if handle ~= nil then
                    local where = native_type(handle) == "function" and info(handle, "l") or nil
                    problem({ kind = "stage", name = handler, line = where })
                end
            end
        elseif instance ~= nil or not filled then
            problem({ kind = "procedure", what = native_type(instance), line = at })
        end
    end
    use_set("aiReview", file_sets.aiReviewActionSet)
    use_set("process", file_sets.processActionSet)
    for _, name in native_ipairs({ "manualReviewActionSet", "publishActionSet" }) do
        if #sets[file_sets[name]] > 0 then
            problem({ kind = "stage", name = "File." .. name, line = file_lines[name] })
        end
    end
end

local function failed(what)
    return { line = line(), words = native_type(what) == "string" and what or nil, kind = native_type(what) }
end

-- Runs a function and gives nil, or what went wrong.
local function guarded(call, ...)
    local whole, what = xpcall(call, failed, ...)
    if whole then
        return nil
    end
    return what
end

return {
    guarded = guarded,
    run = run,
    collect = collect,
    left = left,
    parameters = function(create)
        local count, variadic = info(create, "a")
        return not variadic and count or nil
    end,
    untraceable = function()
        return traced and traced.untraceable() or nil
    end,
}
