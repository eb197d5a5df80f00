-- Long lessons get a sprite and an animation of their start, short ones snapshots at fixed times.
local Length = NewProcedureClass()
function Length:handleProcess()
  local set = ProcessActionSet:new()
  local duration = File.mediaInfo.metaData.duration
  if duration >= 600 then
    local sprite = ImageSpriteAction:new()
    sprite.definition = 10
    set:addAction(sprite)
    local film = AnimatedGraphicsAction:new()
    film.definition, film.startTime, film.endTime = { 20000 }, 2, 5.5
    set:addAction(film)
  elseif duration > 10 then
    local shots = SnapshotByTimeOffsetAction:new()
    shots.definition, shots.timeOffset = 10, { 0, 2500, 5000 }
    set:addAction(shots)
  end
  return set
end
function CreateProcedure() return Length:new() end
