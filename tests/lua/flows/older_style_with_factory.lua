-- Both styles at once: the factory fills the set of the file.
local Flow = NewProcedureClass()
function CreateProcedure(...)
  local action = TranscodeAction:new()
  for _, id in ipairs({ 10, 20 }) do action:addTranscodeDefinition(id) end
  File.processActionSet:addAction(action)
  return Flow:new(...)
end
