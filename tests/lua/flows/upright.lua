-- 课程视频：竖屏只做一路，横屏做三路，并截取封面
local Course = NewProcedureClass()
function Course:handleProcess()
  local meta = File.mediaInfo.metaData
  local set = ProcessActionSet:new()
  local action = TranscodeAction:new() -- 转码
  if meta.width < meta.height then
    action.transcodeDefinition = { 20 } -- 竖屏
  else
    action.transcodeDefinition = { 10, 20, 30 } -- 横屏
  end
  set:addAction(action)
  local cover = CoverBySnapshotAction:new() -- 封面
  cover.definition, cover.positionType, cover.position = 10, "Percent", 25
  set:addAction(cover)
  return set
end
function CreateProcedure() return Course:new() end
