-- The older style: the set of the file, and no handler.
local t = TranscodeAction:new()
t.addTranscodeDefinition(20)
t.addTranscodeDefinition(20)
t.addTranscodeDefinition(30)
File.processActionSet.addAction(t)
local sprite = ImageSpriteAction:new()
sprite.definition = 10
File.processActionSet:addAction(sprite)
