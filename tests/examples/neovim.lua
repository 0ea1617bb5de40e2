-- Uses the plugin as a person does, and writes what it shows to the file OUT: texts as `ROW TEXT`.
local api, said = vim.api, {}

local function texts()
  local found = {}
  for _, mark in ipairs(api.nvim_buf_get_extmarks(0, api.nvim_create_namespace('drupe'), 0, -1, { details = true })) do
    for _, chunk in ipairs(mark[4].virt_text or {}) do table.insert(found, mark[2] .. chunk[1]) end
  end
  return found
end

-- Waits for these texts. Returns what there is.
local function wait(fits)
  vim.wait(20000, function() return fits(texts()) end, 10)
  return texts()
end
local function are(...)
  local wanted = { ... }
  return function(found) return vim.deep_equal(found, wanted) end
end

local function use()
  vim.notify = function(text) table.insert(said, text) end
  vim.cmd('luafile ' .. os.getenv('PLUGIN'))
  api.nvim_buf_set_lines(0, 0, -1, false, { 'let answer = 6', 'console.log("hi")', 'answer * 7', 'await new Promise((done) => setTimeout(done, 1e6))' })
  vim.cmd('1,3DrupeRun')
  local first = wait(are('1  hi', '2  42'))
  api.nvim_buf_set_lines(0, 0, 0, false, { '// a line above' })
  local moved = texts()
  vim.cmd('5DrupeRun')
  local busy = wait(are('2  hi', '3  42', '4  …'))
  vim.cmd('DrupeInterrupt')
  local stopped = wait(function(found) return found[3] and not found[3]:find('…') end)[3]
  api.nvim_buf_set_lines(0, -1, -1, false, { 'answ' })
  api.nvim_win_set_cursor(0, { 6, 4 })
  vim.cmd('normal! A' .. api.nvim_replace_termcodes('<C-x><C-o>', true, true, true))
  local line = api.nvim_buf_get_lines(0, 5, 6, false)[1]
  -- Of a buffer that is gone nothing is shown any more, and nothing fails.
  vim.cmd('enew!')
  api.nvim_buf_set_lines(0, 0, -1, false, { 'setTimeout(() => console.log("late"), 300); 1' })
  vim.cmd('1DrupeRun')
  wait(are('0  1'))
  vim.cmd('bwipeout!')
  vim.v.errmsg = ''
  vim.cmd('1DrupeRun')
  vim.wait(600)
  return { first = first, moved = moved, busy = busy, stopped = stopped, line = line, failed = vim.v.errmsg, said = said }
end

local isRight, found = pcall(use)
if isRight then
  local file = io.open(os.getenv('OUT'), 'w')
  file:write(vim.json.encode(found))
  file:close()
else
  io.stderr:write(found)
end
vim.cmd(isRight and 'qa!' or 'cq!')
