-- Rungs up to the size of the source, written as a table of rules.
local RULES = { { height = 240, id = 10 }, { height = 480, id = 20 }, { height = 720, id = 30 }, { height = 1080, id = 40 } }
local BySize = NewProcedureClass()
function BySize:handleProcess()
  local set, action = ProcessActionSet:new(), TranscodeAction:new()
  for _, rule in ipairs(RULES) do
    if rule.height <= File.mediaInfo.metaData.height then action:addTranscodeDefinition(rule.id) end
  end
  if #action.transcodeDefinition == 0 then action:addTranscodeDefinition(10) end
  set:addAction(action)
  return set
end
function CreateProcedure() return BySize:new() end
