-- A package for the player, its sprite and its cover: LongVideoPreset as a task flow.
local Long = NewProcedureClass(BaseProcedure)
function Long:handleProcess()
  local set = ProcessActionSet:new()
  local package, sprite, cover =
    AdaptiveDynamicStreamingAction:new(), ImageSpriteAction:new(), CoverBySnapshotAction:new()
  package.definition, sprite.definition, cover.definition = 10, 10, 10
  for _, action in pairs({ package, sprite, cover }) do set:addAction(action) end
  return set
end
function CreateProcedure() return Long:new() end
