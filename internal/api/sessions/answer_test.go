package sessions

import (
	"testing"

	"griot/internal/api/apitest"
	"griot/internal/extraction"
	"griot/internal/transcript"
)

func TestAnswersAreDocumented(t *testing.T) {
	apitest.Structs(t, "/v1/", map[string]any{
		"Session": sessionResponse{}, "SessionList": listResponse[sessionResponse]{}, "Deletion": deletionResponse{},
		"SegmentPage": segmentsResponse{}, "Segment": transcript.Segment{}, "Appended": appendResponse{},
		"Reading": &transcript.Reading{}, "Extraction": extraction.Result{}, "MediaURL": mediaURLResponse{},
		"Upload": uploadResponse{}, "Project": projectResponse{}, "ProjectList": listResponse[projectResponse]{},
		"Transcript": nil, // of internal/session, which writes it as it reads
	})
}
