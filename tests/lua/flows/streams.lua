-- Pictures only where there are some, sound for itself where there are none.
local Streams = NewProcedureClass()
local function has(list) return #list > 0 end
function Streams:handleProcess()
  local meta, set = File.mediaInfo.metaData, ProcessActionSet:new()
  local action = TranscodeAction:new()
  if has(meta.videoStreamList) then
    action:addTranscodeDefinition(meta.audioStreamList[1] and 20 or 220)
    local sprite = ImageSpriteAction:new()
    sprite.definition = 10
    set:addAction(sprite)
  else
    action:addTranscodeDefinition(1010)
  end
  set:addAction(action)
  return set
end
function CreateProcedure() return Streams:new() end
