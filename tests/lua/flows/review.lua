-- A review before the processing.
local Reviewed = NewProcedureClass()
function Reviewed:handleAiReview()
  local set, review = ProcessActionSet:new(), AiReviewAction:new()
  review.definition = 20
  set:addAction(review)
  return set
end
function Reviewed:handleProcess()
  local set, action = ProcessActionSet:new(), TranscodeAction:new()
  action.transcodeDefinition = { 10 }
  set:addAction(action)
  return set
end
function CreateProcedure() return Reviewed:new() end
