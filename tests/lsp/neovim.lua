-- A session of a real editor: started as `nvim --headless -u tests/lsp/neovim.lua`, it opens $VODFLOW_FILE with the
-- server $VODFLOW, does what a person would do, and prints what came of it; scripts/test-editors compares that.

local function say(...)
    io.stdout:write(table.concat({ ... }, " "), "\n")
end

local function fail(what)
    say("FAILED:", what)
    vim.cmd("cquit 1")
end

local function wait(what, condition)
    if not vim.wait(20000, condition, 20) then
        fail("waited in vain for " .. what)
    end
end

-- Asks the server about the place of a text in the buffer, `inside` bytes behind its start.
local function ask(method, text, inside, more)
    for line, content in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
        local start = content:find(text, 1, true)
        if start then
            vim.api.nvim_win_set_cursor(0, { line, start - 1 + inside })
            local client = vim.lsp.get_client_by_id(vim.g.vodflow_client)
            local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
            params = vim.tbl_extend("force", params, more or {})
            local answers = vim.lsp.buf_request_sync(0, method, params, 20000)
            local answer = answers and answers[vim.g.vodflow_client]
            if not answer or answer.err then
                fail(method .. ": " .. vim.inspect(answer))
            end
            return answer.result, params
        end
    end
    fail("no line has " .. text)
end

local function diagnostics()
    local lines = {}
    for _, found in ipairs(vim.diagnostic.get(0)) do
        local code = found.user_data.lsp.code
        table.insert(lines, string.format("%d:%d %s %s", found.lnum + 1, found.col + 1, code, found.message))
    end
    return lines
end

local function session()
    vim.cmd("edit " .. vim.fn.fnameescape(os.getenv("VODFLOW_FILE")))
    vim.bo.filetype = "vod"
    local exited
    local id = vim.lsp.start_client({
        cmd = { os.getenv("VODFLOW"), "lsp", "--stdio" },
        name = "vodflow",
        root_dir = vim.fn.getcwd(),
        on_exit = function(code) exited = code end,
    })
    vim.g.vodflow_client = id
    vim.lsp.buf_attach_client(0, id)

    wait("diagnostics", function() return #vim.diagnostic.get(0) > 0 end)
    say("-- diagnostics")
    for _, line in ipairs(diagnostics()) do say(line) end

    say("-- hover")
    local hover = ask("textDocument/hover", "100030", 2)
    for _, line in ipairs(vim.lsp.util.convert_input_to_markdown_lines(hover.contents)) do say(line) end

    say("-- completion")
    local items = ask("textDocument/completion", "with 标志", 5)
    for _, item in ipairs(vim.lsp.util.text_document_completion_list_to_complete_items(items, "")) do
        say(item.word, "|", item.kind, "|", item.menu)
    end

    say("-- definition")
    local definition = ask("textDocument/definition", "with 标志", 6)
    say(string.format("line %d", definition.range.start.line + 1))

    say("-- quick fix")
    local range = vim.lsp.util.make_range_params()
    local _, place = ask("textDocument/hover", "hd_mp5", 1)
    range.range = { start = place.position, ["end"] = place.position }
    range.context = { diagnostics = {} }
    local actions = ask("textDocument/codeAction", "hd_mp5", 1, range)
    say(actions[1].title)
    local client = vim.lsp.get_client_by_id(id)
    vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
    wait("the fix to be checked", function() return #vim.diagnostic.get(0) == 0 end)
    say("nothing is wrong any more")

    if client.resolved_capabilities.document_formatting then
        say("-- format")
        vim.lsp.buf.formatting_sync(nil, 20000)
    end
    say("-- text")
    for _, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do say(line) end

    vim.lsp.stop_client(id)
    wait("the server to end", function() return exited ~= nil end)
    say("-- the server ended with", tostring(exited))
    vim.cmd("qall!")
end

vim.api.nvim_create_autocmd("VimEnter", {
    callback = function()
        local done, reason = pcall(session)
        if not done then fail(reason) end
    end,
})
