-- Two transcode actions, and the bitrate limits both.
local Two = NewProcedureClass()
local function transcode(...)
  local action = TranscodeAction:new()
  for _, id in ipairs({ ... }) do action:addTranscodeDefinition(id) end
  action.disableHigherBitrate = 1
  return action
end
function Two:handleProcess()
  local set = ProcessActionSet:new()
  set:addAction(transcode(10, 20))
  set:addAction(transcode(210))
  return set
end
function CreateProcedure() return Two:new() end
