-- Runs lines of a buffer by host.py, and shows what they give beside them. For Neovim 0.7 or newer.
--   :luafile drupe.lua    then :[range]DrupeRun, :DrupeInterrupt, :DrupeReset; CTRL-X CTRL-O completes
-- Extmarks hold the places, so a result stays beside its line while the buffer is edited.
local api = vim.api
local here = vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h')
local space = api.nvim_create_namespace('drupe')
local groups = { running = 'Comment', output = 'Comment', value = 'String', error = 'ErrorMsg' }
-- The result of a line that is deleted goes with it, where Neovim can do so.
local goes = vim.fn.has('nvim-0.10') == 1 or nil
local runs, found, last, job, rest = {}, {}, 0, nil, ''

local function take(answer)
  if answer.note then
    vim.notify('drupe: ' .. answer.note)
  elseif answer.ask then
    found[answer.ask] = answer
  elseif answer.line then
    local run = runs[answer.run]
    local mark = run.marks[answer.line]
    local place = api.nvim_buf_is_valid(run.buffer) and api.nvim_buf_get_extmark_by_id(run.buffer, space, mark, {}) or {}
    if place[1] then -- it is not if the line was run again
      local chunks = vim.tbl_map(function(chunk) return { '  ' .. chunk[2], groups[chunk[1]] } end, answer.chunks)
      api.nvim_buf_set_extmark(run.buffer, space, place[1], 0, { id = mark, virt_text = chunks, invalidate = goes })
    end
  end
end

-- Sends a command to the host, which is started where it is needed.
local function send(command)
  job = job or vim.fn.jobstart({ 'python3', here .. '/host.py' }, {
    on_stdout = function(_, pieces)
      pieces[1] = rest .. pieces[1]
      rest = table.remove(pieces)
      for _, line in ipairs(pieces) do take(vim.json.decode(line)) end
    end,
    on_exit = function(_, status)
      job, rest = nil, ''
      if status > 0 then vim.notify('drupe: the host has ended with status ' .. status) end
    end,
  })
  vim.fn.chansend(job, vim.json.encode(command) .. '\n')
end

api.nvim_create_user_command('DrupeRun', function(range)
  local buffer, first = api.nvim_get_current_buf(), range.line1 - 1
  local lines = api.nvim_buf_get_lines(buffer, first, range.line2, false)
  api.nvim_buf_clear_namespace(buffer, space, first, range.line2)
  local marks = {}
  for row = first, range.line2 - 1 do table.insert(marks, api.nvim_buf_set_extmark(buffer, space, row, 0, {})) end
  last = last + 1
  runs[last] = { buffer = buffer, marks = marks }
  send({ ['do'] = 'run', run = last, lines = lines })
end, { range = true })
api.nvim_create_user_command('DrupeInterrupt', function() send({ ['do'] = 'interrupt' }) end, {})
api.nvim_create_user_command('DrupeReset', function() send({ ['do'] = 'reset' }) end, {})

-- Neovim calls it twice: for the beginning of the name, and for what may stand there.
function _G.drupe_complete(is_first, _)
  if is_first == 0 then return found[last].names end
  local before = api.nvim_get_current_line():sub(1, vim.fn.col('.') - 1)
  last = last + 1
  send({ ['do'] = 'complete', ask = last, before = before })
  vim.wait(2000, function() return found[last] ~= nil end, 5)
  return found[last] and #before - #found[last].replaces or -3
end
vim.o.omnifunc = 'v:lua.drupe_complete'
