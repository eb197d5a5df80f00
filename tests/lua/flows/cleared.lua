-- A list that is cleared and filled again; values that are ignored.
local Cleared = NewProcedureClass()
function Cleared:handleProcess()
  File.mediaInfo.metaData.bitrate = 1
  File.mediaInfo = {}
  local set, action = ProcessActionSet:new(), TranscodeAction:new()
  action:addTranscodeDefinition(10)
  action:clearTranscodeDefinition()
  if File.mediaInfo.metaData.bitrate > 1 then action:addTranscodeDefinition(30) end
  action.watermarkDefinition = 0
  set:addAction(action)
  return set
end
function CreateProcedure() return Cleared:new() end
