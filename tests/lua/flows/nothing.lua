-- A flow may have empty stages: only the metadata is probed.
local Nothing = NewProcedureClass()
function CreateProcedure() return Nothing:new() end
