-- What is H.264 in MP4 already gets one rendition, everything else two.
local Codec = NewProcedureClass()
function Codec:handleProcess()
  local meta = File.mediaInfo.metaData
  local video = meta.videoStreamList[1]
  local set, action = ProcessActionSet:new(), TranscodeAction:new()
  action.transcodeDefinition = { 20 }
  if not (meta.container == "mp4" and video ~= nil and video.codec == "h264") then
    action:addTranscodeDefinition(30)
  end
  set:addAction(action)
  return set
end
function CreateProcedure() return Codec:new() end
