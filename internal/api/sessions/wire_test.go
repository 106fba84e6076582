package sessions

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/session/upload"
)

var at2026 = time.Date(2026, 5, 18, 14, 0, 0, 999_000_000, time.FixedZone("", 7200))

// The shapes on the wire, key by key: what is unknown is null, times are
// whole seconds in UTC.
func TestShapes(t *testing.T) {
	for name, c := range map[string]struct {
		v    any
		want string
	}{
		"a new session": {
			newSessionResponse(session.Session{
				ID: "ses_1", Workspace: "ws_1", Project: "prj_1", Template: "open_exploration", Title: "Talk",
				Status: session.Scheduled, Source: session.SourceLive, DurationSeconds: -1, CreatedAt: at2026, UpdatedAt: at2026,
			}),
			`{"id":"ses_1","workspace_id":"ws_1","project_id":"prj_1","template":"open_exploration","title":"Talk",
			"interviewee_email":null,"status":"scheduled","duration_seconds":null,"started_at":null,"completed_at":null,
			"transcript_uri":"mnemos://artifact/art_1","extraction":null,"conversation_id":null,"created_at":"2026-05-18T12:00:00Z",
			"updated_at":"2026-05-18T12:00:00Z","scheduled_for":null,"recorded_at":null,"source":"live","cancelled_at":null,"failure":null,"reading":null,"transcription":null}`,
		},
		"a session with everything": {
			newSessionResponse(session.Session{
				ID: "ses_1", Workspace: "ws_1", Project: "prj_1", Template: "open_exploration", Title: "Talk",
				IntervieweeEmail: "a@b.co", Status: session.Failed, Source: session.SourceUpload, DurationSeconds: 0,
				CreatedAt: at2026, UpdatedAt: at2026, ScheduledFor: at2026, RecordedAt: at2026, StartedAt: at2026,
				CompletedAt: at2026, CancelledAt: at2026, Counts: &session.Counts{SOPs: 1, Entities: 2},
				Failure: &session.Failure{Code: "parse_error", Message: "line 3"}, Reading: []byte(`{"format":"vtt"}`),
				Transcription: &session.Transcription{Engine: "openai", Status: "done", StartedAt: at2026, Kind: "mp3", DurationMS: 65_000,
					Waiting: &session.Waiting{Code: session.EngineBusy, Message: "Later.", Until: at2026}},
			}),
			`{"id":"ses_1","workspace_id":"ws_1","project_id":"prj_1","template":"open_exploration","title":"Talk",
			"interviewee_email":"a@b.co","status":"failed","duration_seconds":0,"started_at":"2026-05-18T12:00:00Z",
			"completed_at":"2026-05-18T12:00:00Z","transcript_uri":"mnemos://artifact/art_1",
			"extraction":{"sop_candidates":1,"entity_candidates":2,"risk_signals":0},"conversation_id":null,"created_at":"2026-05-18T12:00:00Z",
			"updated_at":"2026-05-18T12:00:00Z","scheduled_for":"2026-05-18T12:00:00Z","recorded_at":"2026-05-18T12:00:00Z",
			"source":"upload","cancelled_at":"2026-05-18T12:00:00Z","failure":{"code":"parse_error","message":"line 3"},"reading":{"format":"vtt"},
			"transcription":{"engine":"openai","status":"done","started_at":"2026-05-18T12:00:00Z","finished_at":null,"media":{"kind":"mp3","duration_ms":65000},
			"waiting":{"code":"engine_busy","message":"Later.","until":"2026-05-18T12:00:00Z"}}}`,
		},
		"an upload that waits": {
			newUploadResponse(upload.Upload{
				ID: "upl_1", SizeBytes: 5, Filename: "a.vtt", ContentType: "text/vtt", CreatedAt: at2026, ExpiresAt: at2026, Status: "waiting",
				Request: blob.PutRequest{URL: "http://x", Method: "PUT", Headers: map[string]string{"If-None-Match": "*"}},
			}),
			`{"id":"upl_1","upload_url":"http://x","method":"PUT","headers":{"If-None-Match":"*"},"max_bytes":2147483648,
			"expires_at":"2026-05-18T12:00:00Z","status":"waiting","size_bytes":5,"filename":"a.vtt","content_type":"text/vtt",
			"session_id":null,"created_at":"2026-05-18T12:00:00Z"}`,
		},
		"an upload that arrived": {
			newUploadResponse(upload.Upload{ID: "upl_1", SizeBytes: 5, CreatedAt: at2026, ExpiresAt: at2026, Status: "received", SessionID: "ses_1"}),
			`{"id":"upl_1","upload_url":null,"method":"PUT","headers":{},"max_bytes":2147483648,
			"expires_at":"2026-05-18T12:00:00Z","status":"received","size_bytes":5,"filename":null,"content_type":null,
			"session_id":"ses_1","created_at":"2026-05-18T12:00:00Z"}`,
		},
		"a deletion": {
			newDeletionResponse(lifecycle.Deletion{ID: "del_1", Target: "ses_1", Status: "running", RequestedAt: at2026, TableItems: 1, Objects: 2, IndexEntries: 3}),
			`{"id":"del_1","target":"ses_1","status":"running","requested_at":"2026-05-18T12:00:00Z","finished_at":null,
			"removed":{"table_items":1,"objects":2,"index_entries":3}}`,
		},
		"a list": {
			newListResponse([]access.Project{{ID: "prj_1", Workspace: "ws_1", Name: "n", CreatedAt: at2026}}, "next", newProjectResponse),
			`{"data":[{"id":"prj_1","workspace_id":"ws_1","name":"n","created_at":"2026-05-18T12:00:00Z"}],"has_more":true,"next_cursor":"next"}`,
		},
		"an empty list": {newListResponse(nil, "", newProjectResponse), `{"data":[],"has_more":false,"next_cursor":null}`},
	} {
		got, err := json.Marshal(c.v)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, []byte(c.want)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
