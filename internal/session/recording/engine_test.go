package recording_test

import (
	"context"
	"testing"

	"griot/internal/session"
	"griot/internal/session/recording"
	"griot/internal/session/sessiontest"
	"griot/internal/session/upload"
	"griot/internal/table"
	"griot/internal/transcriber"
)

// overtaken runs a function once, before a transaction, which then is too late.
type overtaken struct {
	table.Store
	run func()
}

func (o *overtaken) Transact(ctx context.Context, ops []table.Op) error {
	if run := o.run; run != nil {
		o.run = nil
		run()
	}
	return o.Store.Transact(ctx, ops)
}

// A worker that gives up on an engine ends nothing if its twin has just handed
// the recording over.
func TestGivingUpBesideATwin(t *testing.T) {
	svc, p := sessiontest.New(t)
	size := int64(4)
	up, err := svc.Uploads.CreateUpload(t.Context(), p, upload.UploadInput{SizeBytes: &size}, nil)
	sessiontest.OK(t, err)
	s, err := svc.Create(t.Context(), p, session.CreateInput{Template: "open_exploration", Title: "Kiln", UploadURL: up.Request.URL}, nil)
	sessiontest.OK(t, err)
	r, _, err := svc.Uploads.Reading(t.Context(), s.Ref())
	sessiontest.OK(t, err)
	r, err = svc.Recordings.Recognized(t.Context(), r, "engine", session.Facts{Kind: "wav", DurationMS: 5000})
	sessiontest.OK(t, err)
	away := transcriber.Fail(transcriber.Unavailable, "It is away.", nil)
	for range 8 {
		sessiontest.OK(t, svc.Recordings.AskAgain(t.Context(), r, away))
	}
	twin := sessiontest.Twin(svc)
	svc.Sessions.Table = &overtaken{svc.Sessions.Table, func() {
		wanted, err := twin.Recordings.HandedOver(t.Context(), recording.Of(r).Job)
		if sessiontest.OK(t, err); !wanted {
			t.Error("the session has ended before")
		}
	}}
	sessiontest.OK(t, svc.Recordings.AskAgain(t.Context(), r, away))
	if got, err := svc.Sessions.Get(t.Context(), p, s.ID); err != nil || got.Status != session.InProgress {
		t.Errorf("%v, %+v, %v", got.Status, got.Failure, err)
	}
}
