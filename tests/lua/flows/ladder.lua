-- The example of the class reference: outputs by the bitrate of the source.
local Ladder = NewProcedureClass()
function Ladder:constructor(wm) self.wm = wm end
function Ladder:handleProcess()
  local set, t = ProcessActionSet:new(), TranscodeAction:new()
  t:addTranscodeDefinition(210)
  if File.mediaInfo.metaData.bitrate > 512 then t:addTranscodeDefinition(220) end
  t.watermarkDefinition, t.disableHigherBitrate = self.wm, true
  set:addAction(t)
  local s = SampleSnapshotAction:new(); s.definition = 10; set:addAction(s)
  return set
end
function CreateProcedure(watermark) return Ladder:new(watermark) end
