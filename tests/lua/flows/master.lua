-- Renditions with one playlist over them and keyframes at the same times.
local Master = NewProcedureClass()
function Master:handleProcess()
  local set, action = ProcessActionSet:new(), TranscodeAction:new()
  action.transcodeDefinition = { 210, 220 }
  action.hlsMasterPlaylist, action.idrAlignment = true, true
  set:addAction(action)
  return set
end
function CreateProcedure() return Master:new() end
