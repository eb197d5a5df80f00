-- Recordings of broadcasts get a package, uploads renditions.
local Recorded = NewProcedureClass()
function Recorded:handleProcess()
  local set = ProcessActionSet:new()
  if File.mediaInfo.sourceType == "RECORD" then
    local package = AdaptiveDynamicStreamingAction:new()
    package.definition = 10
    set:addAction(package)
  else
    local action = TranscodeAction:new()
    action.transcodeDefinition = { 20, 30 }
    set:addAction(action)
  end
  return set
end
function CreateProcedure() return Recorded:new() end
