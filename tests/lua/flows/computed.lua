-- Conditions that are counted: bits of a picture, half a bitrate, and a limit behind a limit.
local Computed = NewProcedureClass()
function Computed:handleProcess()
  local meta = File.mediaInfo.metaData
  local set, action = ProcessActionSet:new(), TranscodeAction:new()
  if meta.width * meta.height > 1280 * 720 then action:addTranscodeDefinition(40) end
  if meta.bitrate / 2 >= 1000 and meta.duration + 5 < 3600 then action:addTranscodeDefinition(30) end
  if 256 < meta.bitrate then
    if meta.bitrate > 100 then action:addTranscodeDefinition(20) end
  elseif meta.bitrate > 512 then
    action:addTranscodeDefinition(99)
  end
  if #action.transcodeDefinition > 0 then set:addAction(action) end
  return set
end
function CreateProcedure() return Computed:new() end
