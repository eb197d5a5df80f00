-- QCVB_SimpleProcessFile(1, 0, 10, 10) as the task flow that it is; everything with a dot.
local Simple = NewProcedureClass()
function Simple.handleProcess(self)
  local set = ProcessActionSet.new()
  local t = TranscodeAction.new()
  t.transcodeDefinition = { 10, 20, 30 }
  set.addAction(t)
  local cover = CoverBySnapshotAction.new()
  cover.definition = 10
  set.addAction(cover)
  local sample = SampleSnapshotAction.new()
  sample.definition = 10
  set.addAction(sample)
  return set
end
function CreateProcedure()
  local procedure = Simple.new()
  procedure.setPriority(5)
  return procedure
end
