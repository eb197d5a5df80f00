-- A class on a class; the derived one adds to what its parent makes.
local Parent = NewProcedureClass()
function Parent:constructor(id) self.id = id end
function Parent:handleProcess()
  local set, action = ProcessActionSet:new(), TranscodeAction:new()
  action:addTranscodeDefinition(self.id)
  set:addAction(action)
  return set
end
local Child = NewProcedureClass(Parent)
function Child:handleProcess()
  local set = Parent.handleProcess(self)
  local cover = CoverBySnapshotAction:new()
  cover.definition, cover.position = 10, 1.5
  set:addAction(cover)
  return set
end
function CreateProcedure(id) return Child:new(id or 30) end
