vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, { pattern = "*.vod", callback = function(event)
    vim.bo[event.buf].filetype = "vod"
    vim.b.vodflow = vim.lsp.start_client({ cmd = { "vodflow", "lsp" }, name = "vodflow", root_dir = vim.fn.getcwd() })
    vim.lsp.buf_attach_client(event.buf, vim.b.vodflow)
end })
